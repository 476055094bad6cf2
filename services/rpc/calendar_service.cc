#include "duban/v1/calendar_service.grpc.pb.h"
#include "services/rpc/services.h"

namespace duban::rpc {
namespace {

class CalendarService final : public v1::CalendarService::CallbackService {
 public:
  explicit CalendarService(const Door& door) : door_(door) {}

  grpc::ServerUnaryReactor* PublishCalendar(grpc::CallbackServerContext* context,
                                            const v1::PublishCalendarRequest* request,
                                            v1::PublishCalendarResponse* response) override {
    if (request->validate_only()) return Read(door_, context, request, response, &node::Node::PreviewCalendar);
    return Submit(door_, context, request, response);
  }

  grpc::ServerUnaryReactor* GetCalendarYear(grpc::CallbackServerContext* context,
                                            const v1::GetCalendarYearRequest* request,
                                            v1::GetCalendarYearResponse* response) override {
    return Read(door_, context, request, response, &node::Node::GetCalendarYear);
  }

  grpc::ServerUnaryReactor* AddDays(grpc::CallbackServerContext* context, const v1::AddDaysRequest* request,
                                    v1::AddDaysResponse* response) override {
    return Read(door_, context, request, response, &node::Node::AddDays);
  }

  grpc::ServerUnaryReactor* CountDays(grpc::CallbackServerContext* context, const v1::CountDaysRequest* request,
                                      v1::CountDaysResponse* response) override {
    return Read(door_, context, request, response, &node::Node::CountDays);
  }

 private:
  const Door door_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeCalendarService(const Door& door) { return std::make_unique<CalendarService>(door); }

}  // namespace duban::rpc
