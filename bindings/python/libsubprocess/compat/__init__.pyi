# SPDX-License-Identifier: MIT
# The types of the standard module.
from subprocess import DEVNULL as DEVNULL
from subprocess import PIPE as PIPE
from subprocess import STDOUT as STDOUT
from subprocess import CalledProcessError as CalledProcessError
from subprocess import CompletedProcess as CompletedProcess
from subprocess import Popen as Popen
from subprocess import SubprocessError as SubprocessError
from subprocess import TimeoutExpired as TimeoutExpired
from subprocess import call as call
from subprocess import check_call as check_call
from subprocess import check_output as check_output
from subprocess import getoutput as getoutput
from subprocess import getstatusoutput as getstatusoutput
from subprocess import list2cmdline as list2cmdline
from subprocess import run as run
