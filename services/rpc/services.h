// The services, one file each. What they are made of stays in those files: generated stubs are slow to compile.
#pragma once

#include <grpcpp/impl/codegen/service_type.h>

#include <memory>

#include "services/rpc/handler.h"

namespace duban::rpc {

std::unique_ptr<grpc::Service> MakeCaseService(const Door& door);
std::unique_ptr<grpc::Service> MakeLedgerService(const Door& door);
std::unique_ptr<grpc::Service> MakeViewService(const Door& door);
std::unique_ptr<grpc::Service> MakeMetricService(const Door& door);
std::unique_ptr<grpc::Service> MakeWatchService(const Door& door);
std::unique_ptr<grpc::Service> MakeAuditService(const Door& door);
std::unique_ptr<grpc::Service> MakeProcedureService(const Door& door);
std::unique_ptr<grpc::Service> MakeDirectoryService(const Door& door);
std::unique_ptr<grpc::Service> MakeCalendarService(const Door& door);
std::unique_ptr<grpc::Service> MakeFileService(const Door& door);
std::unique_ptr<grpc::Service> MakeJobService(const Door& door);
std::unique_ptr<grpc::Service> MakePlanService(const Door& door);
std::unique_ptr<grpc::Service> MakeDocumentService(const Door& door);
std::unique_ptr<grpc::Service> MakeDrawService(const Door& door);
std::unique_ptr<grpc::Service> MakeOperationsService(const Door& door);

}  // namespace duban::rpc
