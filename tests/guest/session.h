/* SPDX-License-Identifier: MIT
 *
 * A session that uses every part of the library's interface and requires the right answers, to look at the host
 * afterwards. The host may have done odd things before: its standard descriptors need not be open.
 */
#ifndef TESTS_GUEST_SESSION_H
#define TESTS_GUEST_SESSION_H

#ifdef __cplusplus
extern "C" {
#endif

void session_run(void);
void session_talk(void);
void session_signals(void);
void session_pipeline(void);
void session_cancel(void);
void session_failures(void);
/* A child with other ids; does nothing without the right to make one. */
void session_user(void);
void session_extras(void);
void session_helpers(void);
/* Processes that are freed while they run. */
void session_orphans(void);

/* All of the above. */
void session_everything(void);

#ifdef __cplusplus
}
#endif
#endif
