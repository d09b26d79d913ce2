// SPDX-License-Identifier: MIT
//
// One function a file: runs its tests and returns how many failed.
#pragma once

int capture_tests();
int line_buffer_tests();
int loop_tests();
int pump_end_tests();
int pump_tests();
int shelf_tests();
int wake_tests();
