/* The limit of filling memory: maps it, asks for huge pages, and writes it with memset, on as many threads as told. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static size_t share;
static pthread_barrier_t start;

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static void *fill(void *unused) {
  (void)unused;
  pthread_barrier_wait(&start);
  char *memory = mmap(NULL, share, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) perror("mmap"), exit(1);
  madvise(memory, share, MADV_HUGEPAGE);
  memset(memory, 0xa5, share);
  return memory;
}

/* peer-fill BYTES THREADS: prints the seconds from the start of all threads to the end of the last. */
int main(int count, char **words) {
  if (count != 3) return 2;
  int threads = atoi(words[2]);
  share = strtoull(words[1], NULL, 10) / threads;
  pthread_t thread[threads];
  pthread_barrier_init(&start, NULL, threads + 1);
  for (int i = 0; i < threads; i++) pthread_create(&thread[i], NULL, fill, NULL);
  pthread_barrier_wait(&start);
  double started = seconds();
  for (int i = 0; i < threads; i++) pthread_join(thread[i], NULL);
  printf("%.9f\n", seconds() - started);
  return 0;
}
