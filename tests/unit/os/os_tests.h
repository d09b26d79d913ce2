// SPDX-License-Identifier: MIT
//
// One function a file: runs its tests and returns how many failed.
#pragma once

int descriptor_tests();
int write_tests();
int fork_epoch_tests();
int per_process_tests();
int poll_tests();
int waker_tests();
