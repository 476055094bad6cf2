#include "services/observe/metrics_page.h"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>

#include <exception>
#include <limits>

#include "absl/strings/str_cat.h"

namespace duban::observe {
namespace {

using node::DurationCounts;
using node::Measure;

prometheus::MetricType TypeOf(Measure::Kind kind) {
  switch (kind) {
    case Measure::Kind::kCounter:
      return prometheus::MetricType::Counter;
    case Measure::Kind::kGauge:
      return prometheus::MetricType::Gauge;
    case Measure::Kind::kDurations:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric::Histogram HistogramOf(const DurationCounts& counts) {
  prometheus::ClientMetric::Histogram out;
  for (size_t i = 0; i < counts.buckets.size(); ++i) {
    out.sample_count += counts.buckets[i];
    const bool last = i == DurationCounts::kBounds.size();
    out.bucket.push_back(
        {out.sample_count, last ? std::numeric_limits<double>::infinity() : DurationCounts::kBounds[i]});
  }
  out.sample_sum = counts.sum_s;
  return out;
}

prometheus::MetricFamily FamilyOf(const Measure& measure) {
  prometheus::MetricFamily family;
  family.name = absl::StrCat("duban_", measure.name);
  family.help = measure.help;
  family.type = TypeOf(measure.kind);
  for (const Measure::Sample& sample : measure.samples) {
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
    metric.counter.value = metric.gauge.value = sample.value;
    if (measure.kind == Measure::Kind::kDurations) metric.histogram = HistogramOf(sample.durations);
  }
  return family;
}

class Collector : public prometheus::Collectable {
 public:
  explicit Collector(std::function<std::vector<Measure>()> collect) : collect_(std::move(collect)) {}
  std::vector<prometheus::MetricFamily> Collect() const override {
    std::vector<prometheus::MetricFamily> families;
    for (const Measure& measure : collect_()) families.push_back(FamilyOf(measure));
    return families;
  }

 private:
  const std::function<std::vector<Measure>()> collect_;
};

class Page : public MetricsPage {
 public:
  Page(const std::string& address, std::function<std::vector<Measure>()> collect)
      : collector_(std::make_shared<Collector>(std::move(collect))),
        exposer_({"listening_ports", address, "num_threads", std::to_string(limits::kMetricsThreads),
                  "request_timeout_ms", std::to_string(limits::kMetricsRequestMs), "enable_keep_alive", "no"}) {
    exposer_.RegisterCollectable(collector_);
  }
  int port() const override { return exposer_.GetListeningPorts().at(0); }

 private:
  const std::shared_ptr<Collector> collector_;
  prometheus::Exposer exposer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsPage>> MetricsPage::Serve(const std::string& address,
                                                                std::function<std::vector<Measure>()> collect) {
  try {
    return std::make_unique<Page>(address, std::move(collect));
  } catch (const std::exception&) {  // The library's way to say that the address cannot be taken.
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address));
  }
}

}  // namespace duban::observe
