/* The limit of taking descriptors: opens one file again and again, on one thread. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

/* peer-open COUNT PATH: prints the seconds that it took. */
int main(int count, char **words) {
  if (count != 3) return 2;
  int wanted = atoi(words[1]);
  double started = seconds();
  for (int opened = 0; opened < wanted; opened++) {
    if (open(words[2], O_RDONLY | O_CLOEXEC) < 0) return perror("open"), 1;
  }
  printf("%.9f\n", seconds() - started);
  return 0;
}
