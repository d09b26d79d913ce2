/* SPDX-License-Identifier: MIT
 *
 * A core set of behaviours that hold on every kernel, whatever it lacks. Each one requires the right answers.
 */
#ifndef TESTS_FAULT_SCENARIOS_H
#define TESTS_FAULT_SCENARIOS_H

void scenario_capture(void);
void scenario_failures(void);
void scenario_close_fds(void);
void scenario_timeouts(void);
void scenario_signals(void);
void scenario_communicate(void);
void scenario_broken_pipe(void);
void scenario_cancel(void);

void scenarios_all(void);

#endif
