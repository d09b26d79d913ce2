/* SPDX-License-Identifier: MIT */
/* Uses the public header the way its manual does. header.sh compiles it by every standard of C and C++ that is
 * supported. */
#include <libsubprocess/sp.h>
#include <libsubprocess/sp.h> /* a second time, on purpose */

#if defined(__cplusplus)
static sp_options options_of(const char *cwd) {
  sp_options options = sp_options();
  options.size = sizeof options;
  options.cwd = cwd;
  return options;
}
#else
static sp_options options_of(const char *cwd) {
  return SP_OPTIONS(.cwd = cwd, .flags = SP_CAPTURE | SP_CHECK, .timeout_ms = SP_FOREVER);
}
#endif

int main(void) {
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  sp_options options = options_of("/");
  const char *argv[] = {"true", NULL};
  int code = sp_run(argv, &options, &result, &err);
  int64_t returncode = sp_result_returncode(result);
  sp_result_free(result);
  return code == SP_OK && returncode != SP_NO_RETURNCODE && SP_VERSION_NUMBER == sp_version_number() ? 0 : err.step;
}
