// A document on paper and in a terminal. What it says comes as it was fixed; how it looks follows GB/T 9704-2012
// 《党政机关公文格式》 (by published reproductions of its text; not compared with the standard's own print: 未核实).
#pragma once

#include <string>

#include "absl/time/time.h"
#include "duban/v1/document.pb.h"

namespace duban::cli {

// A page that stands by itself: A4, its type area, fonts with fallbacks, page numbers; to be printed by a browser.
std::string DocumentHtml(const v1::DocumentIssued& issued, absl::TimeZone zone);

// The same words in lines of 28 Chinese characters.
std::string DocumentText(const v1::DocumentIssued& issued, absl::TimeZone zone);

// The mark of a heading that is the `nth` of its level: 一、 （一） 1. （1） (7.3.3).
std::string HeadingMark(int level, int nth);

// Counts headings as they come: a heading begins those below it anew.
class HeadingCount {
 public:
  // The mark of the next heading of that level.
  std::string Next(int level);

 private:
  int counts_[5] = {0, 0, 0, 0, 0};
};

// 成文日期: "2026年9月1日", in Arabic numerals, no zero before month and day (7.3.5.4).
std::string IssueDate(const v1::DocumentIssued& issued, absl::TimeZone zone);

}  // namespace duban::cli
