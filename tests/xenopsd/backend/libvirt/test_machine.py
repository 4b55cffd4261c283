"""This machine, from the kernel's texts."""

from __future__ import annotations

from xenopsd.backend.libvirt import machine

PROCESSOR = """\
processor\t: {n}
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 85
model name\t: Some Processor
stepping\t: 7
cpu MHz\t\t: 2500.123
physical id\t: {socket}
core id\t\t: {core}
flags\t\t: fpu sse2
"""


def test_two_sockets_of_two_cores_of_two_threads() -> None:
    blocks = [PROCESSOR.format(n=n, socket=n // 4, core=n // 2 % 2) for n in range(8)]

    cpu = machine.cpu("\n".join(blocks), nodes=2)

    assert (cpu.cpu_count, cpu.socket_count, cpu.threads_per_core, cpu.nodes) == (8, 2, 2, 2)
    assert (cpu.vendor, cpu.model_name, cpu.speed) == ("GenuineIntel", "Some Processor", 2500.123)
    assert (cpu.family, cpu.model, cpu.stepping, cpu.flags) == ("6", "85", "7", "fpu sse2")


def test_a_machine_that_tells_little_still_has_one_processor() -> None:
    cpu = machine.cpu("processor\t: 0\n")
    assert (cpu.cpu_count, cpu.socket_count, cpu.threads_per_core) == (1, 1, 1)


def test_memory_is_in_bytes() -> None:
    assert machine.memory("MemTotal:  2048 kB\nMemFree: 1 kB\nMemAvailable: 1024 kB\n") == (2 << 20, 1 << 20)
