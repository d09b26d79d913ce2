/* SPDX-License-Identifier: MIT
 *
 * Loads and unloads the library named by its argument, which it is not linked with: loading alone changes nothing, a
 * loaded and used library can go again, and repeating that gathers nothing.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libsubprocess/sp.h>

#include "host.h"
#include "host_state.h"

static const char *path;

/* The symbols that the shared parts of this program want; set by each load. */
static void (*release_caches)(void);

void sp_release_caches(void) { release_caches(); }

const char *sp_code_name(int code) {
  (void)code;
  return "?";
}

const char *sp_step_name(int step) {
  (void)step;
  return "?";
}

const void *sp_result_output(const sp_result *r, int stream, size_t *ret_len) {
  (void)r;
  (void)stream;
  *ret_len = 0;
  return NULL;
}

static void *load(void) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) host_note("%s", dlerror());
  REQUIRE(library != NULL);
  return library;
}

/* Uses the library: with a loop, with a process kept beyond a fork. */
static void use(void *library) {
  int (*output)(const char *const[], const sp_options *, char **, size_t *, sp_error *);
  void (*mem_free)(void *);
  *(void **)&output = dlsym(library, "sp_check_output");
  *(void **)&mem_free = dlsym(library, "sp_mem_free");
  *(void **)&release_caches = dlsym(library, "sp_release_caches");
  REQUIRE(output != NULL && mem_free != NULL && release_caches != NULL);
  char *text = NULL;
  sp_options opt = {.size = sizeof opt, .flags = 0, .input = "word", .input_len = 4};
  opt.std_err.kind = SP_PIPE;
  opt.timeout_ms = 30000;
  REQUIRE(output(ARGV("cat"), &opt, &text, NULL, NULL) == SP_OK);
  REQUIRE(strcmp(text, "word") == 0);
  mem_free(text);
}

static void require_fork_works(void) {
  int status;
  pid_t pid = fork();
  if (pid == 0) _exit(0);
  REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
}

/* Resident pages of mappings, to see memory that each round leaves. */
static long mapped_pages(void) {
  long pages = 0;
  FILE *f = fopen("/proc/self/statm", "re");
  REQUIRE(f != NULL && fscanf(f, "%ld", &pages) == 1);
  fclose(f);
  return pages;
}

/* A library may refuse to be unloaded, and then stays as it is; descriptors must not grow in any case. */
int main(int argc, char **argv) {
  REQUIRE(argc == 2);
  path = argv[1];
  static host_fds before, after;
  host_fds_take(&before);
  char *state = host_state_take();
  void *library = load();
  char *loaded = host_state_take();
  host_state_require_same(state, loaded);
  host_fds_take(&after);
  host_fds_require(&before, &after, 0);
  require_fork_works();
  use(library);
  REQUIRE(dlclose(library) == 0);
  require_fork_works();
  long pages = 0;
  for (int i = 0; i < 20; i++) {
    library = load();
    use(library);
    if (i % 2 == 1) release_caches();
    REQUIRE(dlclose(library) == 0);
    require_fork_works();
    if (i == 9) {
      host_fds_take(&after);
      pages = mapped_pages();
    }
  }
  static host_fds last;
  host_fds_take(&last);
  host_fds_require(&before, &last, HOST_FDS_CACHED);
  REQUIRE_INT(last.len, after.len);
  host_note("%ld pages more in the last ten rounds", mapped_pages() - pages);
  REQUIRE(mapped_pages() - pages < 64);
  char *later = host_state_take();
  host_state_require_same(state, later);
  return 0;
}
