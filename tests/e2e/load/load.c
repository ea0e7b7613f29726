// Loads of known size for the end-to-end tests: one static program, one word says what it does.
// Each runs until it is killed, unless said otherwise.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MB (1024L * 1024L)

static void die(const char* what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void nap(long milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, NULL);
}

static void hold(void) {
  for (;;) pause();
}

static void* spin(void* unused) {
  (void)unused;
  for (volatile unsigned long i = 0;; ++i) {
  }
  return NULL;
}

// Busy for a while, then idle for a while: what a CPU burst is for.
static void pulse(long busy, long idle) {
  for (;;) {
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
      clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < busy);
    nap(idle);
  }
}

static void* sleep_forever(void* unused) {
  (void)unused;
  hold();
  return NULL;
}

// N threads besides the first, all in `body`.
static void run_threads(long count, void* (*body)(void*)) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 * 1024);
  for (long i = 0; i < count; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, body, NULL) != 0) die("pthread_create");
  }
}

// Time in the kernel: it clears pages for us.
static void system_time(void) {
  static char buffer[MB];
  const int zero = open("/dev/zero", O_RDONLY);
  if (zero < 0) die("/dev/zero");
  while (read(zero, buffer, sizeof buffer) > 0) {
  }
}

static void open_files(long count) {
  for (long i = 0; i < count; ++i) {
    if (open("/", O_RDONLY) < 0) die("open");
  }
  hold();
}

static char* touch_anonymous(long bytes) {
  char* const memory = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) die("mmap");
  for (long i = 0; i < bytes; i += 4096) memory[i] = (char)(i >> 12) | 1;
  return memory;
}

// Walks an anonymous area again and again, so that what was swapped out is read back.
static void walk_anonymous(long bytes) {
  char* const memory = touch_anonymous(bytes);
  for (;;) {
    for (long i = 0; i < bytes; i += 4096) ++memory[i];
    nap(100);
  }
}

// A leak: so many bytes to begin with, then steadily more.
static void grow(long bytes, long kilobytes_a_second) {
  touch_anonymous(bytes);
  for (;;) {
    touch_anonymous(kilobytes_a_second * 1024 / 10);
    nap(100);
  }
}

// A child that wants more than the limit: the kernel kills it, this process stays.
static void be_oom_killed(long bytes) {
  for (;;) {
    const pid_t child = fork();
    if (child == 0) {
      setpriority(PRIO_PROCESS, 0, 0);
      FILE* const score = fopen("/proc/self/oom_score_adj", "w");
      if (score != NULL) {
        fputs("1000", score);
        fclose(score);
      }
      touch_anonymous(bytes);
      _exit(0);
    }
    if (child > 0) waitpid(child, NULL, 0);
    nap(500);
  }
}

static int make_file(const char* path, long bytes) {
  static char block[MB];
  memset(block, 'x', sizeof block);
  const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) die(path);
  for (long done = 0; done < bytes; done += MB) {
    if (write(fd, block, sizeof block) != (ssize_t)sizeof block) die("write");
  }
  if (fsync(fd) != 0) die("fsync");
  return fd;
}

// Page faults on a file larger than the limit: major faults and refaults. Three eighths of it are read again
// and again, which keeps them on the active list. That list has to be larger than what of the file does not
// fit: a page that comes back after less than that was needed, and the kernel counts an activation.
static void scan_file(const char* path, long bytes) {
  char hot = 0;
  const int fd = make_file(path, bytes);
  const char* const memory = mmap(NULL, (size_t)bytes, PROT_READ, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) die("mmap");
  madvise((void*)memory, (size_t)bytes, MADV_RANDOM);
  volatile char sum = 0;
  for (;;) {
    for (long i = 0; i < bytes; i += 4096) {
      sum = (char)(sum + memory[i]);
      if (i % (8 * MB) != 0) continue;
      for (long at = 0; at < bytes / 8 * 3; at += 4096) {
        if (pread(fd, &hot, 1, at) < 0) die("pread");
      }
    }
    nap(10);
  }
}

// Every page of a file is mapped: a machine that pages out what nobody has read for a minute (DAMON) leaves
// that alone.
static void map_file(int fd, long bytes) {
  const volatile char* const memory = mmap(NULL, (size_t)bytes, PROT_READ, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) die("mmap");
  for (long at = 0; at < bytes; at += 4096) (void)memory[at];
}

// A file in the page cache whose lists rest: half of it was used again and again, the other half written
// once.
static void keep_file(const char* path, long bytes) {
  char byte = 0;
  const long half = bytes / 2;
  const int fd = make_file(path, bytes);
  // Kernels with generations take for active what a page fault brought in, the others what was read
  // repeatedly.
  if (posix_fadvise(fd, 0, half, POSIX_FADV_DONTNEED) != 0) die("posix_fadvise");
  map_file(fd, bytes);
  for (int pass = 0; pass < 3; ++pass) {
    for (long at = 0; at < half; at += 4096) {
      if (pread(fd, &byte, 1, at) != 1) die("pread");
    }
  }
  hold();
}

// Past the page cache, in blocks of 64 kB: what the device sees is what we do.
static void direct_io(const char* path, long bytes, int write_too) {
  const long block_size = 64 * 1024;
  close(make_file(path, bytes));
  const int fd = open(path, O_RDWR | O_DIRECT);
  if (fd < 0) die(path);
  char* block = NULL;
  if (posix_memalign((void**)&block, 4096, (size_t)block_size) != 0) die("posix_memalign");
  memset(block, 'y', (size_t)block_size);
  for (long at = 0;; at = (at + block_size) % bytes) {
    if (write_too && pwrite(fd, block, (size_t)block_size, at) < 0) die("pwrite");
    if (pread(fd, block, (size_t)block_size, at) < 0) die("pread");
  }
}

// Keeps pages of the page cache waiting to be written.
static void keep_dirty(const char* path, long bytes) {
  static char block[MB];
  const int fd = make_file(path, bytes);
  for (;;) {
    for (long at = 0; at < bytes; at += MB) {
      if (pwrite(fd, block, sizeof block, at) < 0) die("pwrite");
    }
    nap(500);
  }
}

static void make_inodes(const char* directory, long count) {
  char path[256];
  for (long i = 0; i < count; ++i) {
    snprintf(path, sizeof path, "%s/inode-%ld", directory, i);
    const int fd = open(path, O_CREAT | O_WRONLY, 0600);
    if (fd < 0) die(path);
    close(fd);
  }
  hold();
}

// Children up to the pids limit, and one try more twice a second.
static void fork_to_limit(long count) {
  for (long i = 0; i < count; ++i) {
    const pid_t child = fork();
    if (child == 0) hold();
    if (child < 0) nap(500);
  }
  hold();
}

static struct sockaddr_in address_of(const char* host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) die(host);
  return address;
}

static int listen_on(int port, int backlog) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const struct sockaddr_in address = address_of("0.0.0.0", port);
  if (bind(fd, (const struct sockaddr*)&address, sizeof address) != 0) die("bind");
  if (listen(fd, backlog) != 0) die("listen");
  return fd;
}

static int connect_to(const char* host, int port) {
  for (;;) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const struct sockaddr_in address = address_of(host, port);
    if (connect(fd, (const struct sockaddr*)&address, sizeof address) == 0) return fd;
    close(fd);
    nap(200);
  }
}

// Accepts one connection after the other and reads all it can.
static void sink(int port) {
  static char buffer[256 * 1024];
  const int listener = listen_on(port, 16);
  for (;;) {
    const int fd = accept(listener, NULL, NULL);
    if (fd < 0) die("accept");
    while (read(fd, buffer, sizeof buffer) > 0) {
    }
    close(fd);
  }
}

// About `kilobytes` a second over one connection.
static void send_steadily(const char* host, int port, long kilobytes) {
  static char buffer[64 * 1024];
  signal(SIGPIPE, SIG_IGN);
  for (;;) {
    const int fd = connect_to(host, port);
    long tenth = kilobytes * 1024 / 10;
    for (;;) {
      long left = tenth;
      while (left > 0) {
        const ssize_t sent = write(fd, buffer, left < (long)sizeof buffer ? (size_t)left : sizeof buffer);
        if (sent <= 0) break;
        left -= sent;
      }
      if (left > 0) break;
      nap(100);
    }
    close(fd);
  }
}

// Connections that nobody accepts: the queue of the listener overflows.
static void crowd(const char* host, int port, long count) {
  const struct sockaddr_in address = address_of(host, port);
  for (;;) {
    int* const sockets = calloc((size_t)count, sizeof(int));
    for (long i = 0; i < count; ++i) {
      sockets[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      if (connect(sockets[i], (const struct sockaddr*)&address, sizeof address) != 0 && errno != EINPROGRESS)
        die("connect");
    }
    nap(3000);
    for (long i = 0; i < count; ++i) close(sockets[i]);
    free(sockets);
  }
}

static void send_datagrams(const char* host, int port, long bytes) {
  static char buffer[65000];
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  const struct sockaddr_in address = address_of(host, port);
  for (;;) {
    sendto(fd, buffer, (size_t)bytes, 0, (const struct sockaddr*)&address, sizeof address);
    nap(100);
  }
}

// Memory in network buffers: a connection to ourselves that nobody reads.
static void fill_sockets(int port, long count) {
  static char buffer[64 * 1024];
  const int listener = listen_on(port, 64);
  for (long i = 0; i < count; ++i) {
    const int fd = connect_to("127.0.0.1", port);
    if (accept(listener, NULL, NULL) < 0) die("accept");
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (write(fd, buffer, sizeof buffer) > 0) {
    }
  }
  hold();
}

static void usage(void) {
  fputs(
      "load spin THREADS | pulse BUSY_MS IDLE_MS | system | threads N | files N | anon MB | walk MB | oom MB "
      "| grow MB KB/s | scan FILE MB | keep FILE MB | map FILE MB |\n"
      "     read FILE MB | write FILE MB | dirty FILE MB | inodes DIR N | forks N | listen PORT BACKLOG | "
      "sink PORT |\n"
      "     send HOST PORT KB/s | crowd HOST PORT N | datagrams HOST PORT BYTES | sockets PORT N | hold\n",
      stderr);
  exit(2);
}

static void leave(int signal_number) { _exit(signal_number == SIGTERM ? 0 : 1); }

int main(int argc, char** argv) {
  if (argc < 2) usage();
  // The first process of a container ignores signals that it has no handler for.
  signal(SIGTERM, leave);
  const char* const what = argv[1];
  const char* const a = argc > 2 ? argv[2] : "";
  const char* const b = argc > 3 ? argv[3] : "";
  const long last = argc > 2 ? atol(argv[argc - 1]) : 0;
  if (strcmp(what, "spin") == 0) {
    run_threads(last - 1, spin);
    spin(NULL);
  } else if (strcmp(what, "pulse") == 0) {
    pulse(atol(a), last);
  } else if (strcmp(what, "system") == 0) {
    system_time();
  } else if (strcmp(what, "threads") == 0) {
    run_threads(last, sleep_forever);
    hold();
  } else if (strcmp(what, "files") == 0) {
    open_files(last);
  } else if (strcmp(what, "anon") == 0) {
    touch_anonymous(last * MB);
    hold();
  } else if (strcmp(what, "walk") == 0) {
    walk_anonymous(last * MB);
  } else if (strcmp(what, "grow") == 0) {
    grow(atol(a) * MB, last);
  } else if (strcmp(what, "oom") == 0) {
    be_oom_killed(last * MB);
  } else if (strcmp(what, "scan") == 0) {
    scan_file(a, last * MB);
  } else if (strcmp(what, "keep") == 0) {
    keep_file(a, last * MB);
  } else if (strcmp(what, "map") == 0) {
    map_file(make_file(a, last * MB), last * MB);
    hold();
  } else if (strcmp(what, "read") == 0 || strcmp(what, "write") == 0) {
    direct_io(a, last * MB, strcmp(what, "write") == 0);
  } else if (strcmp(what, "dirty") == 0) {
    keep_dirty(a, last * MB);
  } else if (strcmp(what, "inodes") == 0) {
    make_inodes(a, last);
  } else if (strcmp(what, "forks") == 0) {
    fork_to_limit(last);
  } else if (strcmp(what, "listen") == 0) {
    listen_on(atoi(a), (int)last);
    hold();
  } else if (strcmp(what, "sink") == 0) {
    sink(atoi(a));
  } else if (strcmp(what, "send") == 0) {
    send_steadily(a, atoi(b), last);
  } else if (strcmp(what, "crowd") == 0) {
    crowd(a, atoi(b), last);
  } else if (strcmp(what, "datagrams") == 0) {
    send_datagrams(a, atoi(b), last);
  } else if (strcmp(what, "sockets") == 0) {
    fill_sockets(atoi(a), last);
  } else if (strcmp(what, "hold") == 0) {
    hold();
  } else {
    usage();
  }
  return 0;
}
