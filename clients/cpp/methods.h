// Which answer belongs to which request: every unary method of the contract, once.
#pragma once

#include "duban/v1/audit_service.pb.h"
#include "duban/v1/calendar_service.pb.h"
#include "duban/v1/case_service.pb.h"
#include "duban/v1/directory_service.pb.h"
#include "duban/v1/document_service.pb.h"
#include "duban/v1/draw_service.pb.h"
#include "duban/v1/file_service.pb.h"
#include "duban/v1/ledger_service.pb.h"
#include "duban/v1/metric_service.pb.h"
#include "duban/v1/operations_service.pb.h"
#include "duban/v1/plan_service.pb.h"
#include "duban/v1/procedure_service.pb.h"
#include "duban/v1/view_service.pb.h"
#include "duban/v1/watch_service.pb.h"

namespace duban::client {

// For a request message: the type of its answer, and the method's path on the wire.
template <typename Request>
struct Method;

#define DUBAN_METHOD(service, method)                                       \
  template <>                                                               \
  struct Method<v1::method##Request> {                                      \
    using Response = v1::method##Response;                                  \
    static constexpr const char* kPath = "/duban.v1." #service "/" #method; \
  }

DUBAN_METHOD(CaseService, OpenCase);
DUBAN_METHOD(CaseService, ActOnCase);
DUBAN_METHOD(CaseService, GetCase);
DUBAN_METHOD(LedgerService, QueryLedger);
DUBAN_METHOD(LedgerService, ListWorklist);
DUBAN_METHOD(LedgerService, ListAlerts);
DUBAN_METHOD(ViewService, QueryView);
DUBAN_METHOD(ViewService, CompareView);
DUBAN_METHOD(ViewService, ListViews);
DUBAN_METHOD(MetricService, ListMetrics);
DUBAN_METHOD(MetricService, QueryMetric);
DUBAN_METHOD(MetricService, QueryScoreboard);
DUBAN_METHOD(AuditService, ReadEvents);
DUBAN_METHOD(ProcedureService, CheckProcedure);
DUBAN_METHOD(ProcedureService, PublishProcedure);
DUBAN_METHOD(ProcedureService, GetProcedure);
DUBAN_METHOD(ProcedureService, ListProcedures);
DUBAN_METHOD(DirectoryService, ApplyDirectory);
DUBAN_METHOD(DirectoryService, ListUnits);
DUBAN_METHOD(DirectoryService, ListPosts);
DUBAN_METHOD(DirectoryService, ListPersons);
DUBAN_METHOD(DirectoryService, ListRelations);
DUBAN_METHOD(DirectoryService, ListDelegations);
DUBAN_METHOD(DirectoryService, WhoAmI);
DUBAN_METHOD(CalendarService, PublishCalendar);
DUBAN_METHOD(CalendarService, GetCalendarYear);
DUBAN_METHOD(CalendarService, AddDays);
DUBAN_METHOD(CalendarService, CountDays);
DUBAN_METHOD(WatchService, SetTargets);
DUBAN_METHOD(FileService, BeginUpload);
DUBAN_METHOD(FileService, UploadChunk);
DUBAN_METHOD(FileService, EraseFile);
DUBAN_METHOD(OperationsService, CreateBackup);
DUBAN_METHOD(JobService, StartJob);
DUBAN_METHOD(JobService, GetJob);
DUBAN_METHOD(JobService, ListJobs);
DUBAN_METHOD(JobService, CancelJob);
DUBAN_METHOD(DrawService, FreezeDraw);
DUBAN_METHOD(DrawService, SeedDraw);
DUBAN_METHOD(DrawService, GetDraw);
DUBAN_METHOD(DrawService, ListDraws);
DUBAN_METHOD(DocumentService, IssueDocuments);
DUBAN_METHOD(DocumentService, GetDocument);
DUBAN_METHOD(DocumentService, ListDocuments);
DUBAN_METHOD(DocumentService, ReceiveDocument);
DUBAN_METHOD(PlanService, PutPlan);
DUBAN_METHOD(PlanService, StopPlan);
DUBAN_METHOD(PlanService, ListPlans);
DUBAN_METHOD(PlanService, GetBurden);
DUBAN_METHOD(OperationsService, GetStats);
DUBAN_METHOD(OperationsService, AdvanceClock);
DUBAN_METHOD(OperationsService, IssueToken);
DUBAN_METHOD(OperationsService, GetWorkspace);

#undef DUBAN_METHOD

}  // namespace duban::client
