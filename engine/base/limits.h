// Bounds on what one case, one command and one commit may hold. What happens at each is a rejection that names it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace duban::engine::limits {

inline constexpr size_t kTextBytesMax = 16 * 1024;   // One text value (about 5,400 Chinese characters).
inline constexpr size_t kReasonBytesMax = 4 * 1024;  // A reason or a note.
inline constexpr size_t kWrittenBytesMax = 200;      // How a source said a value that it left vague.
inline constexpr size_t kValuesPerFieldMax = 64;     // Values of a `many` field.
inline constexpr size_t kOpenedAtOnceMax = 300;      // Cases that one act opens, one for each (300 departments).
inline constexpr size_t kReferencesPerFieldMax = kOpenedAtOnceMax;  // Units, posts or persons of a `many` field.
inline constexpr size_t kIdsPerPartyMax = 32;                       // Members of a `many` party.
inline constexpr size_t kAudienceMax = 64;              // Ids in the audience of a row (architecture: at most 64).
inline constexpr size_t kKeyBytesMax = 128;             // An idempotency key.
inline constexpr size_t kIdBytesMax = 60;               // "units/…" and the like.
inline constexpr size_t kRungsPerFiringMax = 100;       // Rungs fired in one commit; the rest follow in the next.
inline constexpr size_t kEventsPerCommitMax = 500;      // Events after which a firing goes on in the next commit.
inline constexpr size_t kWholesAboveMax = 16;           // Distinct wholes above a part, at all heights.
inline constexpr size_t kPartsMax = 1000;               // Parts directly below a whole.
inline constexpr size_t kPartsMovedMax = 100;           // Cases that become parts at once: one, and all below it.
inline constexpr int64_t kWeightMax = 1'000'000;        // What one part counts for in its whole.
inline constexpr size_t kDuplicatesMax = 256;           // Cases merged into one.
inline constexpr size_t kElectorsMax = 500;             // Persons who may rate in one stage.
inline constexpr size_t kRaterGroupsMax = 8;            // Groups of them.
inline constexpr size_t kAsksMax = 20;                  // Questions on one ballot.
inline constexpr int64_t kAnswerMax = 1'000'000;        // The greatest number that a ballot may give, and its negative.
inline constexpr int kAnswerDecimalsMax = 4;            // Decimal places of an answer.
inline constexpr int kResultDecimalsMax = 4;            // Decimal places of what is counted.
inline constexpr size_t kEntriesLeftMax = 64;           // Cases whose entries of a register end with one stage.
inline constexpr size_t kLetterCasesMax = 200;          // Cases of one letter: its receipt acts on all in a commit.
inline constexpr size_t kLettersCasesMax = 1000;        // Cases of all letters issued at once.
inline constexpr size_t kDocumentBytesMax = 512 << 10;  // One document.
inline constexpr size_t kDocumentsBytesMax = 2 << 20;   // All documents issued at once.
inline constexpr size_t kReceiptBytesMax = 2 << 20;     // Events of a receipt; cases beyond are left, and named.
inline constexpr int kDocumentsPerCaseMax = 64;         // Letters about one case.
inline constexpr int kAttachmentsMax = 200;             // Files left with one case beside its fields.
inline constexpr int64_t kBurdenDaysMax = 366;          // Days on which one case takes a unit's time.
inline constexpr size_t kTopicBytesMax = 120;           // What a case asks units about.
inline constexpr size_t kRequestsOpenMax = 16;          // Requests waiting in one case.
inline constexpr size_t kDirectoryEntriesMax = 400;     // Entries of one ApplyDirectory.
inline constexpr size_t kAreasMax = 64;                 // Units whose contact one post is.
inline constexpr size_t kDelegationPostsMax = 32;       // Posts that one delegation names.
inline constexpr size_t kDelegationsPerPersonMax = 32;  // Delegations by or to one person that are not over.
inline constexpr int kDelegationDaysMax = 366;          // The longest delegation.
inline constexpr size_t kProcedureBytesMax = 256 * 1024;  // One procedure file.
inline constexpr int kCoverageWarningDays[] = {90, 30};   // Days before the calendar's last day at which it is said.
inline constexpr uint64_t kSnapshotEvery = 16;  // Revisions between two snapshots of a case; loading folds the rest.

}  // namespace duban::engine::limits
