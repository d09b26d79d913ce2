/* SPDX-License-Identifier: MIT */
/* Prints who it is: ids, groups, umask, session, process group and the group in the foreground of the terminal (of
 * descriptor 0, or of the controlling terminal), one "name value" per line. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

int main(void) {
  uid_t real_uid, uid, saved_uid;
  gid_t real_gid, gid, saved_gid, groups[256];
  if (getresuid(&real_uid, &uid, &saved_uid) != 0 || getresgid(&real_gid, &gid, &saved_gid) != 0) return 1;
  printf("uid %u %u %u\ngid %u %u %u\ngroups", real_uid, uid, saved_uid, real_gid, gid, saved_gid);
  int len = getgroups(256, groups);
  for (int i = 0; i < len; i++) printf(" %u", groups[i]);
  int tty = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
  printf("\numask %03o\npid %d\nppid %d\nsid %d\npgid %d\n", umask(0), getpid(), getppid(), getsid(0), getpgrp());
  printf("tpgid %d\ntty %d\n", tcgetpgrp(tty >= 0 ? tty : 0), tty >= 0);
  return 0;
}
