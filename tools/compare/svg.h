// Draws a picture as SVG. Colours come from the classes of its elements, so that a page can give
// them another palette in the dark; StandaloneSvg gives a file of its own the light one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace primacy {

struct Point {
  double x = 0;
  double y = 0;
};

struct Box {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};

enum class Anchor { kStart, kMiddle, kEnd };

// Text for XML and HTML, in an element or an attribute: markup is escaped, control characters and
// bytes that are no UTF-8 become U+FFFD.
std::string EscapeMarkup(std::string_view text);

// About how wide a text of that font size is drawn.
double TextWidth(std::string_view text, double font_size);

// Not thread safe. Coordinates are in pixels from the upper left corner; a class is a name of the
// style sheet below and is written as it is; texts are escaped.
class Svg {
 public:
  // `label`: what the picture shows, for those who do not see it.
  Svg(double width, double height, std::string_view label);

  void Line(Point from, Point to, std::string_view style);
  void Polyline(std::span<const Point> points, std::string_view style);
  void Rectangle(const Box& box, std::string_view style);
  // `title` is shown under the pointer; may be empty.
  void Circle(Point at, double radius, std::string_view style, std::string_view title = "");
  void Diamond(Point at, double radius, std::string_view style, std::string_view title = "");
  void Text(Point at, std::string_view text, std::string_view style,
            Anchor anchor = Anchor::kStart);
  // Read from below to above, its middle at `at`.
  void UprightText(Point at, std::string_view text, std::string_view style);
  // What is drawn until EndClip shows within `box` only. Not nested.
  void BeginClip(const Box& box);
  void EndClip();

  // The whole element.
  std::string Take() &&;

 private:
  std::string text_;
  int clips_ = 0;
  const std::string id_;  // of this picture's clips, among others of a page
};

// The class of the k-th task's curves.
std::string TaskStyle(size_t task);

// Of the classes; colours as custom properties (page) or as they are (a file of its own).
std::string SvgStyleForPage();
std::string StandaloneSvg(const std::string& svg);

// "--ink:#1c2330;…": the custom properties of the page's palettes.
std::string LightPalette();
std::string DarkPalette();

}  // namespace primacy
