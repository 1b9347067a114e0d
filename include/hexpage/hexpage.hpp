// hexpage: a JSON document hash store. This header includes the rest.
#pragma once

#include <hexpage/backend.hpp>
#include <hexpage/backup.hpp>
#include <hexpage/batch.hpp>
#include <hexpage/change_event.hpp>
#include <hexpage/change_feed.hpp>
#include <hexpage/clock.hpp>
#include <hexpage/database.hpp>
#include <hexpage/doctor.hpp>
#include <hexpage/error.hpp>
#include <hexpage/follower.hpp>
#include <hexpage/forwarding_backend.hpp>
#include <hexpage/hash_cursor.hpp>
#include <hexpage/hashes.hpp>
#include <hexpage/json_text.hpp>
#include <hexpage/lock.hpp>
#include <hexpage/match.hpp>
#include <hexpage/migrate.hpp>
#include <hexpage/storage.hpp>
#include <hexpage/transaction.hpp>
#include <hexpage/types.hpp>
#include <hexpage/version.hpp>
