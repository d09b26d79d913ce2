/* SPDX-License-Identifier: MIT */
/* Lists its open descriptors, one "number type device inode flags" per line, on standard output or on the descriptor
 * that is its argument, which is then left out. The type is a letter as ls prints it; the flags are those of
 * fcntl(F_GETFL), in octal. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static char type_of(mode_t mode) {
  return S_ISREG(mode)    ? '-'
         : S_ISFIFO(mode) ? 'p'
         : S_ISCHR(mode)  ? 'c'
         : S_ISSOCK(mode) ? 's'
         : S_ISDIR(mode)  ? 'd'
                          : '?';
}

int main(int argc, char **argv) {
  int report = argc > 1 ? atoi(argv[1]) : 1;
  DIR *dir = opendir("/proc/self/fd");
  if (dir == NULL) return 1;
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    int fd = atoi(entry->d_name);
    struct stat st;
    if (entry->d_name[0] == '.' || fd == dirfd(dir) || (fd == report && argc > 1) || fstat(fd, &st) != 0) continue;
    dprintf(report, "%d %c %lu %lu %o\n", fd, type_of(st.st_mode), (unsigned long)st.st_dev, (unsigned long)st.st_ino,
            (unsigned)fcntl(fd, F_GETFL));
  }
  closedir(dir);
  return 0;
}
