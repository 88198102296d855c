#pragma once

// Days and dates in the proleptic Gregorian calendar, with a year 0. The server counts days from
// January 1st of 2000; std::chrono's years have 16 bits, which are too few for its timestamps.

#include <cstdint>
#include <tuple>

namespace spindle::host::postgres {

using Date = std::tuple<int32_t, uint8_t, uint8_t>;

inline Date civil_from_days(int64_t days_since_2000) {
  const int64_t days = days_since_2000 + 730'425;  // since March 1st of the year 0
  const int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const int64_t of_era = days - era * 146'097;
  const int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * of_year + 2) / 153;
  const auto day = static_cast<uint8_t>(of_year - (153 * shifted + 2) / 5 + 1);
  const auto month = static_cast<uint8_t>(shifted < 10 ? shifted + 3 : shifted - 9);
  const int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return {static_cast<int32_t>(year), month, day};
}

}  // namespace spindle::host::postgres
