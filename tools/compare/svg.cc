#include "tools/compare/svg.h"

#include "common/base/hash.h"
#include "common/base/strings.h"
#include "common/base/utf8.h"

namespace primacy {
namespace {

constexpr char kReplacement[] = "\xEF\xBF\xBD";

std::string Titled(std::string_view element, const std::string& attributes,
                   std::string_view title) {
  const std::string name(element);
  if (title.empty()) return "<" + name + attributes + "/>\n";
  return "<" + name + attributes + "><title>" + EscapeMarkup(title) + "</title></" + name + ">\n";
}

std::string Class(std::string_view style) { return " class=\"" + std::string(style) + "\""; }

std::string Coordinates(std::span<const Point> points) {
  std::string text;
  for (const Point& point : points) {
    text += Format("%s%.1f,%.1f", text.empty() ? "" : " ", point.x, point.y);
  }
  return text;
}

const char* AnchorName(Anchor anchor) {
  if (anchor == Anchor::kMiddle) return "middle";
  return anchor == Anchor::kEnd ? "end" : "start";
}

}  // namespace

std::string EscapeMarkup(std::string_view text) {
  std::string escaped;
  for (size_t at = 0; at < text.size();) {
    const size_t bytes = Utf8SequenceBytes(text.substr(at));
    const std::string_view character = text.substr(at, bytes == 0 ? 1 : bytes);
    at += character.size();
    const char c = character[0];
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else if (c == '\'') {
      escaped += "&#39;";
    } else if (bytes == 0 || (bytes == 1 && static_cast<unsigned char>(c) < ' ')) {
      escaped += kReplacement;
    } else {
      escaped += character;
    }
  }
  return escaped;
}

double TextWidth(std::string_view text, double font_size) {
  int characters = 0;
  for (const char c : text) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  constexpr double kMeanWidth = 0.56;  // of a sans-serif letter, in font sizes
  return kMeanWidth * font_size * characters;
}

Svg::Svg(double width, double height, std::string_view label)
    : text_(Format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
                   "width=\"%.0f\" height=\"%.0f\" role=\"img\" aria-label=\"",
                   width, height, width, height) +
            EscapeMarkup(label) + "\">\n"),
      id_(Format("c%llx", static_cast<unsigned long long>(HashBytes(label)))) {}

void Svg::Line(Point from, Point to, std::string_view style) {
  text_ += Titled(
      "line",
      Format(" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"", from.x, from.y, to.x, to.y) +
          Class(style),
      "");
}

void Svg::Polyline(std::span<const Point> points, std::string_view style) {
  if (points.empty()) return;
  text_ += Titled("polyline", " points=\"" + Coordinates(points) + "\"" + Class(style), "");
}

void Svg::Rectangle(const Box& box, std::string_view style) {
  text_ += Titled("rect",
                  Format(" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"", box.left, box.top,
                         box.right - box.left, box.bottom - box.top) +
                      Class(style),
                  "");
}

void Svg::Circle(Point at, double radius, std::string_view style, std::string_view title) {
  text_ += Titled("circle",
                  Format(" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"", at.x, at.y, radius) + Class(style),
                  title);
}

void Svg::Diamond(Point at, double radius, std::string_view style, std::string_view title) {
  const Point corners[] = {
      {at.x, at.y - radius}, {at.x + radius, at.y}, {at.x, at.y + radius}, {at.x - radius, at.y}};
  text_ += Titled("polygon", " points=\"" + Coordinates(corners) + "\"" + Class(style), title);
}

void Svg::Text(Point at, std::string_view text, std::string_view style, Anchor anchor) {
  text_ +=
      Format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"", at.x, at.y, AnchorName(anchor)) +
      Class(style) + ">" + EscapeMarkup(text) + "</text>\n";
}

void Svg::UprightText(Point at, std::string_view text, std::string_view style) {
  text_ += Format("<text transform=\"translate(%.1f %.1f) rotate(-90)\" text-anchor=\"middle\"",
                  at.x, at.y) +
           Class(style) + ">" + EscapeMarkup(text) + "</text>\n";
}

void Svg::BeginClip(const Box& box) {
  const std::string id = id_ + "-" + std::to_string(++clips_);
  text_ += "<clipPath id=\"" + id + "\">";
  Rectangle(box, "");
  text_ += "</clipPath><g clip-path=\"url(#" + id + ")\">\n";
}

void Svg::EndClip() { text_ += "</g>\n"; }

std::string Svg::Take() && { return std::move(text_) + "</svg>\n"; }

}  // namespace primacy
