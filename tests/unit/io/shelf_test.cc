// SPDX-License-Identifier: MIT
//
// Shelf: so many and no more, and nothing of the parent's in a forked child.
#include "io/shelf.h"

#include "check.h"
#include "io_tests.h"

namespace {

struct Thing {
  explicit Thing(int n) : number(n) { ++alive; }
  Thing(const Thing&) = delete;
  Thing& operator=(const Thing&) = delete;
  ~Thing() { --alive; }
  int number;
  static int alive;
};
int Thing::alive = 0;

sp::io::Shelf<Thing, 2> shelf;

void a_full_shelf_hands_back() {
  CHECK(shelf.take() == nullptr);
  CHECK(shelf.put(std::make_unique<Thing>(1)) == nullptr);
  CHECK(shelf.put(std::make_unique<Thing>(2)) == nullptr);
  const std::unique_ptr<Thing> back = shelf.put(std::make_unique<Thing>(3));
  CHECK(back != nullptr && back->number == 3);
  // The last one used is the warmest.
  CHECK_EQUAL(shelf.take()->number, 2);
  CHECK_EQUAL(shelf.take()->number, 1);
  CHECK(shelf.take() == nullptr);
}

void clearing_destroys() {
  const int before = Thing::alive;
  CHECK(shelf.put(std::make_unique<Thing>(1)) == nullptr);
  CHECK(shelf.put(std::make_unique<Thing>(2)) == nullptr);
  CHECK_EQUAL(Thing::alive, before + 2);
  shelf.clear();
  CHECK_EQUAL(Thing::alive, before);
  CHECK(shelf.take() == nullptr);
}

void a_forked_child_starts_with_nothing() {
  CHECK(shelf.put(std::make_unique<Thing>(1)) == nullptr);
  const int before = Thing::alive;
  check::in_child([before] {
    CHECK(shelf.take() == nullptr);
    shelf.clear();
    CHECK_EQUAL(Thing::alive, before);  // its parent's thing is forgotten, not destroyed
    CHECK(shelf.put(std::make_unique<Thing>(7)) == nullptr);
    CHECK_EQUAL(shelf.take()->number, 7);
  });
  CHECK_EQUAL(shelf.take()->number, 1);
}

}  // namespace

int shelf_tests() {
  const CMUnitTest tests[] = {
      TEST(a_full_shelf_hands_back),
      TEST(clearing_destroys),
      TEST(a_forked_child_starts_with_nothing),
  };
  return cmocka_run_group_tests_name("shelf", tests, nullptr, nullptr);
}
