#include "tools/compare/page.h"
#include "tools/compare/svg.h"

namespace primacy {
namespace {

constexpr char kStyle[] = R"(
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:15px/1.55 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
main{max-width:1080px;margin:0 auto;padding:40px 28px 64px}
h1{font-size:28px;line-height:1.2;margin:0 0 8px}
h2{font-size:21px;margin:52px 0 14px;padding-top:18px;border-top:2px solid var(--ink)}
h3{font-size:16px;margin:36px 0 8px}
p{margin:8px 0;max-width:76ch}
.soft{color:var(--soft)}
.order{font-weight:600}
nav a{color:var(--rival);margin-right:18px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(250px,1fr));gap:14px;margin:16px 0}
.card{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:14px 18px}
.card h4{margin:0;font-size:14px}
.card h4 span{font-weight:400;color:var(--soft)}
.big{font-size:27px;font-weight:650;font-variant-numeric:tabular-nums;margin:3px 0 7px}
.big small{font-size:14px;font-weight:400;color:var(--soft)}
.card dl{margin:0;font-size:13px}
.card dt{color:var(--soft);margin-top:4px}
.card dd{margin:0;font-variant-numeric:tabular-nums}
.above{color:var(--good);font-weight:600}
.below{color:var(--nmt);font-weight:600}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}
th,td{padding:6px 9px;text-align:right;vertical-align:top;white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:6px}
thead th{border-bottom:2px solid var(--ink);font-weight:600}
tbody td{border-bottom:1px solid var(--hair)}
tbody th{padding-top:18px;color:var(--soft);font-weight:600;text-align:left;
border-bottom:1px solid var(--rule)}
td small{display:block;font-size:11.5px;color:var(--soft)}
td small.above{color:var(--good);font-weight:500}
td small.below{color:var(--nmt);font-weight:500}
tr.nmt td{background:var(--nmt-wash);font-weight:600}
figure{margin:14px 0 0}
figure svg{max-width:100%;height:auto;display:block}
figcaption{font-size:13px;color:var(--soft);max-width:88ch;margin-top:6px}
code{font:13px ui-monospace,"DejaVu Sans Mono",monospace}
@media print{
main{padding:0;max-width:none}
h2{break-before:page}
section:first-of-type h2{break-before:auto}
.card,figure,tr{break-inside:avoid}
body{font-size:11pt}
}
)";

}  // namespace

std::string PageStyle() {
  return ":root{color-scheme:light dark;" + LightPalette() +
         "}\n@media screen and (prefers-color-scheme:dark){:root{" + DarkPalette() + "}}" + kStyle +
         SvgStyleForPage();
}

}  // namespace primacy
