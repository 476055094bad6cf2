// What the lists and the watches of the command line share.
#pragma once

#include <string>
#include <vector>

#include "clients/cli/commands.h"
#include "clients/cli/table.h"
#include "duban/v1/ledger_service.pb.h"
#include "duban/v1/view_service.pb.h"

namespace duban::cli {

// Fills a filter from the options; false after saying what is wrong.
bool FillFilter(Session& session, const LedgerOptions& options, v1::LedgerFilter* filter);

// The same as conditions on any view.
bool FillFilter(Session& session, const LedgerOptions& options, v1::ViewFilter* filter);

// Who answers for the matter, by its procedure.
std::string OwnerOf(Session& session, const v1::LedgerRow& row);

// An alert as a row.
std::vector<Table::Cell> AlertCells(Session& session, const v1::Alert& alert);

}  // namespace duban::cli
