// Faults and harmless habits of known size for the labelled matrix, beside tests/e2e/load/load.c: one static
// program, one word says what it does. Each runs until it is killed, unless said otherwise. `make`, `warm`
// and `wait` come before another command.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <math.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define KB 1024L
#define MB (1024L * 1024L)
#define BEGUN "/data/begun"

static void die(const char* what) {
  fprintf(stderr, "faults: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void nap(double time) {
  if (time <= 0) return;
  struct timespec left = {(time_t)time, (long)((time - (double)(time_t)time) * 1e9)};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

static void hold(void) {
  for (;;) pause();
}

// Sleeps until the amount done is due at `rate` a second; a rate of 0 never sleeps. Arrears are forgiven.
static void keep_pace(double* begin, double* done, double amount, double rate) {
  if (rate <= 0) return;
  *done += amount;
  const double early = *begin + *done / rate - seconds();
  if (early > 0) {
    nap(early);
  } else if (early < -1) {
    *begin = seconds();
    *done = 0;
  }
}

static void leave(int number) { _exit(number == SIGTERM ? 0 : 1); }

// Nothing until SIGUSR1, so that a container has a quiet past; a restarted one goes on at once.
static void wait_for_signal(void) {
  if (access(BEGUN, F_OK) == 0) return;
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGUSR1);
  sigprocmask(SIG_BLOCK, &wanted, NULL);
  int number = 0;
  while (sigwait(&wanted, &number) != 0 || number != SIGUSR1) {
  }
  sigprocmask(SIG_UNBLOCK, &wanted, NULL);
  signal(SIGUSR1, SIG_IGN);
  const int fd = open(BEGUN, O_CREAT | O_WRONLY, 0600);
  if (fd >= 0) close(fd);
}

// A file that is on the disk and not in the page cache.
static void make_file(const char* path, long bytes) {
  char* block = NULL;
  if (posix_memalign((void**)&block, 4096, MB) != 0) die("posix_memalign");
  for (long i = 0; i < MB; ++i) block[i] = (char)(i * 7);
  const int fd = open(path, O_CREAT | O_WRONLY | O_DIRECT, 0600);
  if (fd < 0) die(path);
  for (long at = 0; at < bytes; at += MB) {
    if (pwrite(fd, block, MB, at) != MB) die("pwrite");
  }
  if (fsync(fd) != 0) die("fsync");
  close(fd);
  free(block);
}

// Reads a file once, as fast as it goes: what of it has no room in the page cache is evicted, and known as
// such.
static void warm_file(const char* path) {
  static char block[256 * 1024];
  const int fd = open(path, O_RDONLY);
  if (fd < 0) die(path);
  while (read(fd, block, sizeof block) > 0) {
  }
  close(fd);
}

static char* map_anonymous(long bytes) {
  char* const memory = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) die("mmap");
  return memory;
}

static void touch(char* memory, long from, long to) {
  for (long i = from; i < to; i += 4096) memory[i] = (char)(i >> 12) | 1;
}

static void leak(long kilobytes_a_second) {
  double begin = seconds(), done = 0;
  for (;;) {
    touch(map_anonymous(64 * KB), 0, 64 * KB);
    keep_pace(&begin, &done, 64, (double)kilobytes_a_second);
  }
}

// Grows from low to high for `period` seconds, lets all of that go, begins anew: a collector at work.
static void sawtooth(long low, long high, double period) {
  touch(map_anonymous(low), 0, low);
  for (;;) {
    const double begin = seconds();
    char* const more = map_anonymous(high - low);
    for (double part = 0; part < 1; part = (seconds() - begin) / period) {
      touch(more, 0, (long)((double)(high - low) * part));
      nap(0.5);
    }
    munmap(more, (size_t)(high - low));
  }
}

// A warm-up: fills as caches do, fast at first, then stays.
static void plateau(long bytes, double time) {
  char* const memory = map_anonymous(bytes);
  const double begin = seconds();
  for (double passed = 0; passed < 4 * time; passed = seconds() - begin) {
    touch(memory, 0, (long)((double)bytes * (1 - exp(-3 * passed / time))));
    nap(0.5);
  }
  hold();
}

static double cpu_seconds(void) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return (double)used.tv_sec + (double)used.tv_nsec * 1e-9;
}

// Each process wants `busy` seconds of CPU time in every `period`, at once with the others: bursts. A `phase`
// of the machine's clock keeps containers out of each other's way; a negative one: begins now.
static void burst(double busy, double period, long processes, double phase) {
  if (phase < 0) {
    phase = fmod(seconds(), period);
  } else {
    nap(ceil((seconds() - phase) / period) * period + phase - seconds());
  }
  while (--processes > 0) {
    if (fork() == 0) break;
  }
  for (;;) {
    const double begin = floor((seconds() - phase) / period) * period + phase;
    const double used = cpu_seconds();
    while (cpu_seconds() < used + busy) {
    }
    nap(begin + period - seconds());
  }
}

static double nap_seconds;
static void* nod(void* unused) {
  (void)unused;
  for (;;) nap(nap_seconds);
  return NULL;
}

static void idle_threads(long count, double pause_seconds) {
  nap_seconds = pause_seconds;
  for (long i = 1; i < count; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, nod, NULL) != 0) die("pthread_create");
    nap(pause_seconds / (double)count);
  }
  nod(NULL);
}

static void fsync_loop(const char* path, double pause_seconds) {
  static char block[4096];
  const int fd = open(path, O_CREAT | O_WRONLY, 0600);
  if (fd < 0) die(path);
  for (long i = 0;; ++i) {
    if (pwrite(fd, block, sizeof block, i % 256 * 4096) < 0 || fsync(fd) != 0) die("fsync");
    nap(pause_seconds);
  }
}

// Through the page cache, over and over a file of that size.
static void write_buffered(const char* path, long bytes, double rate) {
  static char block[256 * 1024];
  const int fd = open(path, O_CREAT | O_WRONLY, 0600);
  if (fd < 0) die(path);
  double begin = seconds(), done = 0;
  for (long at = 0;; at = (at + (long)sizeof block) % bytes) {
    if (pwrite(fd, block, sizeof block, at) < 0) die("pwrite");
    keep_pace(&begin, &done, sizeof block, rate);
  }
}

// Writes a file through the page cache and waits until it is on the disk, again and again: a dump.
static void dump(const char* path, long bytes) {
  static char block[256 * 1024];
  const int fd = open(path, O_CREAT | O_WRONLY, 0600);
  if (fd < 0) die(path);
  for (;;) {
    for (long at = 0; at < bytes; at += (long)sizeof block) {
      if (pwrite(fd, block, sizeof block, at) < 0) die("pwrite");
    }
    if (fsync(fd) != 0) die("fsync");
  }
}

// Past the page cache: requests of `size` bytes, `rate` bytes a second wanted.
static void write_direct(const char* path, long bytes, double rate) {
  const long size = 64 * KB;
  char* block = NULL;
  if (posix_memalign((void**)&block, 4096, (size_t)size) != 0) die("posix_memalign");
  const int fd = open(path, O_WRONLY | O_DIRECT);
  if (fd < 0) die(path);
  double begin = seconds(), done = 0;
  for (long at = 0;; at = (at + size) % bytes) {
    if (pwrite(fd, block, (size_t)size, at) < 0) die("pwrite");
    keep_pace(&begin, &done, (double)size, rate);
  }
}

// Past the page cache: so many kilobytes at the begin of each second, then nothing.
static void gulp(const char* path, long bytes, long amount) {
  const long size = 16 * KB;
  char* block = NULL;
  if (posix_memalign((void**)&block, 4096, (size_t)size) != 0) die("posix_memalign");
  const int fd = open(path, O_WRONLY | O_DIRECT);
  if (fd < 0) die(path);
  for (long at = 0;;) {
    const double begin = seconds();
    for (long done = 0; done < amount; done += size, at = (at + size) % bytes) {
      if (pwrite(fd, block, (size_t)size, at) < 0) die("pwrite");
    }
    nap(begin + 1 - seconds());
  }
}

// Reads a file from its begin to its end through the page cache and sums it up; once, then it rests.
static void read_once(const char* path, double rate) {
  static unsigned char block[256 * 1024];
  const int fd = open(path, O_RDONLY);
  if (fd < 0) die(path);
  double begin = seconds(), done = 0;
  volatile unsigned long sum = 0;
  for (ssize_t got; (got = read(fd, block, sizeof block)) > 0;) {
    for (ssize_t i = 0; i < got; ++i) sum += block[i];
    keep_pace(&begin, &done, (double)got, rate);
  }
  hold();
}

// Pages of a file in no order, again and again: a working set. `duty` is the share of the time it works.
static void read_at_random(const char* path, long bytes, double duty) {
  static unsigned char page[4096];
  const int fd = open(path, O_RDONLY);
  if (fd < 0) die(path);
  posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
  uint64_t state = 88172645463325252ULL;
  volatile unsigned long sum = 0;
  for (double begin = seconds();;) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    if (pread(fd, page, sizeof page, (long)(state % (uint64_t)(bytes / 4096)) * 4096) < 0) die("pread");
    for (unsigned long i = 0; i < sizeof page; ++i) sum += page[i];
    if (duty >= 1 || seconds() < begin + 0.1 * duty) continue;
    nap(begin + 0.1 - seconds());
    begin = seconds();
  }
}

// Anonymous pages in no order, again and again.
static void walk_at_random(long bytes) {
  char* const memory = map_anonymous(bytes);
  touch(memory, 0, bytes);
  uint64_t state = 88172645463325252ULL;
  for (;;) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    ++memory[state % (uint64_t)(bytes / 4096) * 4096];
  }
}

static void lock_memory(long bytes) {
  char* const memory = map_anonymous(bytes);
  if (mlock(memory, (size_t)bytes) != 0) die("mlock");
  for (;;) {
    for (long i = 0; i < bytes; i += 64 * 4096) ++memory[i];
    nap(0.1);
  }
}

static void leak_files(double per_second) {
  double begin = seconds(), done = 0;
  for (;;) {
    if (open("/", O_RDONLY) < 0) nap(1);
    keep_pace(&begin, &done, 1, per_second);
  }
}

static void set_address(const char* interface) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in* const address = (struct sockaddr_in*)&request.ifr_addr;
  address->sin_family = AF_INET;
  inet_pton(AF_INET, "10.199.0.1", &address->sin_addr);
  if (ioctl(fd, SIOCSIFADDR, &request) != 0) die("SIOCSIFADDR");
  inet_pton(AF_INET, "255.255.255.0", &address->sin_addr);
  if (ioctl(fd, SIOCSIFNETMASK, &request) != 0) die("SIOCSIFNETMASK");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(fd, SIOCSIFFLAGS, &request) != 0) die("SIOCSIFFLAGS");
  close(fd);
}

// A way through a network that loses and delays: what is sent to 10.199.0.2 comes back from there to
// 10.199.0.1, that is to ourselves, later or never. Swapped addresses leave checksums as they are.
static void mirror(double loss, double delay) {
  enum { kMost = 4096 };
  static struct {
    double due;
    ssize_t size;
    unsigned char data[2048];
  } queue[kMost];
  const int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  if (fd < 0) die("/dev/net/tun");
  struct ifreq request;
  memset(&request, 0, sizeof request);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  strcpy(request.ifr_name, "path0");
  if (ioctl(fd, TUNSETIFF, &request) != 0) die("TUNSETIFF");
  set_address("path0");
  unsigned head = 0, tail = 0;
  srand48(4711);
  for (;;) {
    // Sleeps until something comes or something is due: a path must not need the CPU by itself.
    struct timespec wait = {60, 0};
    if (tail != head) {
      const double left = queue[tail % kMost].due - seconds();
      wait = (struct timespec){0, left > 0 ? (long)(left * 1e9) : 0};
    }
    struct pollfd readable = {fd, head - tail < kMost ? POLLIN : 0, 0};
    ppoll(&readable, 1, &wait, NULL);
    while (head - tail < kMost) {
      unsigned char* const data = queue[head % kMost].data;
      const ssize_t size = read(fd, data, sizeof queue[0].data);
      if (size < 0 && errno != EAGAIN) die("read of the interface");
      if (size <= 0) break;
      if (size < 20 || data[0] >> 4 != 4 || drand48() < loss) continue;
      unsigned char source[4];
      memcpy(source, data + 12, 4), memcpy(data + 12, data + 16, 4), memcpy(data + 16, source, 4);
      queue[head % kMost].size = size;
      queue[head++ % kMost].due = seconds() + delay;
    }
    while (tail != head && queue[tail % kMost].due <= seconds()) {
      if (write(fd, queue[tail % kMost].data, (size_t)queue[tail % kMost].size) < 0 && errno != EAGAIN)
        die("write to the interface");
      ++tail;
    }
  }
}

static void usage(void) {
  fputs(
      "faults [make FILE MB | warm FILE | wait]... WHAT\n"
      "  leak KB/s | sawtooth LOW_MB HIGH_MB SECONDS | plateau MB SECONDS | burst BUSY_MS PERIOD_MS "
      "PROCESSES [PHASE_MS] |\n"
      "  nod THREADS MS | fsync FILE PAUSE_MS | write FILE MB MB/s | dump FILE MB | direct FILE MB MB/s | "
      "gulp FILE MB KB | "
      "scan FILE MB/s |\n"
      "  reread FILE MB [DUTY] | rewalk MB | lock MB | openleak PER_SECOND | mirror LOSS_PERCENT DELAY_MS | "
      "hold | "
      "or\n"
      "  any program\n",
      stderr);
  exit(2);
}

int main(int argc, char** argv) {
  signal(SIGTERM, leave);
  for (; argc > 1; --argc, ++argv) {
    if (strcmp(argv[1], "wait") == 0) {
      wait_for_signal();
    } else if (strcmp(argv[1], "make") == 0 && argc > 3) {
      if (access(BEGUN, F_OK) != 0) make_file(argv[2], atol(argv[3]) * MB);
      argc -= 2, argv += 2;
    } else if (strcmp(argv[1], "warm") == 0 && argc > 2) {
      if (access(BEGUN, F_OK) != 0) warm_file(argv[2]);
      --argc, ++argv;
    } else {
      break;
    }
  }
  if (argc < 2) usage();
  const char* const what = argv[1];
  const char* const file = argc > 2 ? argv[2] : "";
  double number[4] = {0, 0, 0, 0};
  for (int i = 0; i < 4 && i + 2 < argc; ++i) number[i] = atof(argv[i + 2]);
  const long whole = (long)number[0];
  if (strcmp(what, "leak") == 0) leak(whole);
  if (strcmp(what, "sawtooth") == 0) sawtooth((long)(number[0] * MB), (long)(number[1] * MB), number[2]);
  if (strcmp(what, "plateau") == 0) plateau((long)(number[0] * MB), number[1]);
  if (strcmp(what, "burst") == 0) {
    burst(number[0] * 1e-3, number[1] * 1e-3, (long)number[2], argc > 5 ? number[3] * 1e-3 : -1);
  }
  if (strcmp(what, "nod") == 0) idle_threads(whole, number[1] * 1e-3);
  if (strcmp(what, "fsync") == 0) fsync_loop(file, number[1] * 1e-3);
  if (strcmp(what, "write") == 0) write_buffered(file, (long)(number[1] * MB), number[2] * MB);
  if (strcmp(what, "dump") == 0) dump(file, (long)(number[1] * MB));
  if (strcmp(what, "direct") == 0) write_direct(file, (long)(number[1] * MB), number[2] * MB);
  if (strcmp(what, "gulp") == 0) gulp(file, (long)(number[1] * MB), (long)(number[2] * KB));
  if (strcmp(what, "scan") == 0) read_once(file, number[1] * MB);
  if (strcmp(what, "reread") == 0) read_at_random(file, (long)(number[1] * MB), argc > 4 ? number[2] : 1);
  if (strcmp(what, "rewalk") == 0) walk_at_random((long)(number[0] * MB));
  if (strcmp(what, "lock") == 0) lock_memory((long)(number[0] * MB));
  if (strcmp(what, "openleak") == 0) leak_files(number[0]);
  if (strcmp(what, "mirror") == 0) mirror(number[0] / 100, number[1] * 1e-3);
  if (strcmp(what, "hold") == 0) hold();
  signal(SIGTERM, SIG_DFL);
  execvp(what, argv + 1);
  die(what);
  return 1;
}
