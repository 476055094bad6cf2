// Scenarios: text files that an official can read, and what they consist of.
//
// A file is a run of sentences, one a line, each ending with "。" or, where a list follows, with "："; the lines of its
// list are indented and read "name：value" or stand for themselves. "#" begins a remark. README.md lists the sentences.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace duban::scenarios {

// One line of a sentence's list.
struct Item {
  int line = 0;
  std::string name;   // Before the first "："; empty where there is none.
  std::string value;  // After it; the whole line where there is none.
};

struct Sentence {
  int line = 0;
  std::string text;  // Without the "。" or "：" at its end.
  std::vector<Item> items;

  // The value of that item, or "".
  std::string Get(const std::string& name) const;
};

struct Script {
  std::vector<Sentence> sentences;
  std::string fault;  // What is wrong with the file, with its line; empty when nothing is.
};

Script Parse(const std::string& text);

// "张、李" as a list.
std::vector<std::string> Listed(const std::string& text);
// Without blanks at both ends, full-width ones too.
std::string Stripped(std::string text);

}  // namespace duban::scenarios
