#include "exporter/base/memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace bottleneck {
namespace {

/// Its code was written to when it was loaded: those pages are in no file.
bool has_text_relocations(const dl_phdr_info& object) {
  for (std::size_t i = 0; i < object.dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = object.dlpi_phdr[i];
    if (header.p_type != PT_DYNAMIC) continue;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the loader tells addresses as numbers
    const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(object.dlpi_addr + header.p_vaddr);
    for (; entry->d_tag != DT_NULL; ++entry) {
      if (entry->d_tag == DT_TEXTREL) return true;
      if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0) return true;
    }
  }
  return false;
}

int unmap_clean_pages(dl_phdr_info* object, std::size_t, void*) {
  if (object->dlpi_addr == getauxval(AT_SYSINFO_EHDR) || has_text_relocations(*object)) return 0;
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  for (std::size_t i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = object->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_W) != 0) continue;
    const std::uintptr_t begin = (object->dlpi_addr + header.p_vaddr) & ~(page - 1);
    const std::uintptr_t end = object->dlpi_addr + header.p_vaddr + header.p_memsz;
    // What the kernel refuses stays mapped.
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the loader tells addresses as numbers
    madvise(reinterpret_cast<void*>(begin), (end - begin + page - 1) & ~(page - 1), MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void give_back_memory() {
  malloc_trim(0);
  dl_iterate_phdr(unmap_clean_pages, nullptr);
}

}  // namespace bottleneck
