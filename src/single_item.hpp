// A change of one item, which need not keep those waiting who change others of the same hash.
#pragma once

#include <hexpage/backend.hpp>
#include <string_view>

namespace hexpage {

struct Session;

// What such a change holds from before it reads until it is applied, see Locks::acquireItem(). A
// transaction has more already.
Hold lockItem(Session& session, std::string_view path, std::string_view key);

// As Backend::edit() of the item that the lock is of, and frees that as soon as others may go on.
// Throws TooLarge for what is too large.
bool editLocked(Session& session, std::string_view path, std::string_view key,
                const EditItem& decide, Hold& held);

// As Backend::editAtOnce(), which takes none of these locks, of a path as a caller named it.
// False, with nothing done, also in a transaction, and for a path that takes a closer look.
bool editAtOnce(Session& session, std::string_view named, std::string_view key,
                const EditText& decide);

// As Session::apply(), and frees the lock as soon as others may go on.
Applied apply(Session& session, const Batch& batch, Hold& held);

}  // namespace hexpage
