// Reads of the library, open to everybody signed in: directory (relations and others' delegations excepted), calendar,
// procedures.
#pragma once

#include "services/node/node.h"
#include "services/node/reading.h"

namespace duban::node {

Reply<v1::ListUnitsResponse> ListUnits(const Reading& reading, const v1::ListUnitsRequest& request);
Reply<v1::ListPostsResponse> ListPosts(const Reading& reading, const v1::ListPostsRequest& request);
Reply<v1::ListPersonsResponse> ListPersons(const Reading& reading, const v1::ListPersonsRequest& request);
// Needs the right administer or audit: relations are personal data.
Reply<v1::ListRelationsResponse> ListRelations(const Reading& reading, const v1::ListRelationsRequest& request);
// Those of the viewer, and with the right administer or audit all.
Reply<v1::ListDelegationsResponse> ListDelegations(const Reading& reading, const v1::ListDelegationsRequest& request);
Reply<v1::WhoAmIResponse> WhoAmI(const Reading& reading);

Reply<v1::GetCalendarYearResponse> GetCalendarYear(const Reading& reading, const v1::GetCalendarYearRequest& request);
Reply<v1::AddDaysResponse> AddDays(const Reading& reading, const v1::AddDaysRequest& request);
Reply<v1::CountDaysResponse> CountDays(const Reading& reading, const v1::CountDaysRequest& request);

Reply<v1::CheckProcedureResponse> CheckProcedure(const Reading& reading, const v1::CheckProcedureRequest& request);
Reply<v1::GetProcedureResponse> GetProcedure(const Reading& reading, const v1::GetProcedureRequest& request);
Reply<v1::ListProceduresResponse> ListProcedures(const Reading& reading);

}  // namespace duban::node
