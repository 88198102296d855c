#pragma once

// The types that every PostgreSQL server has, by their fixed numbers (pg_type.dat).

#include <cstdint>
#include <string_view>

namespace spindle::host::postgres::oid {

inline constexpr uint32_t kBool = 16, kBytea = 17, kChar = 18, kInt8 = 20, kInt2 = 21, kInt4 = 23,
                          kText = 25, kFloat4 = 700, kFloat8 = 701, kBpchar = 1042, kVarchar = 1043,
                          kDate = 1082, kTime = 1083, kTimestamp = 1114, kTimestamptz = 1184,
                          kInterval = 1186, kNumeric = 1700, kUuid = 2950, kJsonb = 3802,
                          kInt4Range = 3904, kNumRange = 3906, kInt8Range = 3926, kInt4Array = 1007,
                          kTextArray = 1009, kBpcharArray = 1014, kVarcharArray = 1015,
                          kInt8Array = 1016, kNumericArray = 1231;

// Those below belong to the server itself; users' types begin here.
inline constexpr uint32_t kFirstUserType = 16384;

// Empty where the number is unknown here.
std::string_view builtin_name(uint32_t type);

}  // namespace spindle::host::postgres::oid
