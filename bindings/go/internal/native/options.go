// SPDX-License-Identifier: MIT

package native

/*
#include "crossing.h"
#include "record.h"
*/
import "C"

// The options, by the numbers that records use.
const (
	OptionArgv               = C.SPB_ARGV
	OptionStages             = C.SPB_STAGES
	OptionStdin              = C.SPB_STDIN
	OptionStdout             = C.SPB_STDOUT
	OptionStderr             = C.SPB_STDERR
	OptionExecutable         = C.SPB_EXECUTABLE
	OptionCwd                = C.SPB_CWD
	OptionUser               = C.SPB_USER
	OptionGroup              = C.SPB_GROUP
	OptionEnv                = C.SPB_ENV
	OptionPassFDs            = C.SPB_PASS_FDS
	OptionFDMap              = C.SPB_FD_MAP
	OptionGroups             = C.SPB_GROUPS
	OptionTimeoutMS          = C.SPB_TIMEOUT_MS
	OptionDrainMS            = C.SPB_DRAIN_MS
	OptionKillGraceMS        = C.SPB_KILL_GRACE_MS
	OptionMaxOutput          = C.SPB_MAX_OUTPUT
	OptionPipeSize           = C.SPB_PIPE_SIZE
	OptionDeathSignal        = C.SPB_DEATH_SIGNAL
	OptionJoinGroup          = C.SPB_JOIN_GROUP
	OptionUID                = C.SPB_UID
	OptionGID                = C.SPB_GID
	OptionUmask              = C.SPB_UMASK
	OptionShell              = C.SPB_SHELL
	OptionCheck              = C.SPB_CHECK
	OptionCapture            = C.SPB_CAPTURE
	OptionKeepFDs            = C.SPB_KEEP_FDS
	OptionKeepSignals        = C.SPB_KEEP_SIGNALS
	OptionKeepSignalMask     = C.SPB_KEEP_SIGNAL_MASK
	OptionNewSession         = C.SPB_NEW_SESSION
	OptionNewGroup           = C.SPB_NEW_GROUP
	OptionControllingTTY     = C.SPB_CONTROLLING_TTY
	OptionPipefail           = C.SPB_PIPEFAIL
	OptionKillOnFree         = C.SPB_KILL_ON_FREE
	OptionUniversalNewlines  = C.SPB_UNIVERSAL_NEWLINES
	OptionKillGroupOnTimeout = C.SPB_KILL_GROUP_ON_TIMEOUT
)

// What a stream of a record is.
const (
	StreamName   = C.SPB_STREAM_NAME
	StreamFD     = C.SPB_STREAM_FD
	StreamPath   = C.SPB_STREAM_PATH
	StreamAppend = C.SPB_STREAM_APPEND
)

// TimeoutMax is the largest limit that is accepted, in milliseconds.
const TimeoutMax = C.SP_TIMEOUT_MAX
