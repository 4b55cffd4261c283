"""What /proc and /sys tell."""

from __future__ import annotations

from pathlib import Path

from xapi.control import facts

CPUINFO = """processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 23
model\t\t: 49
model name\t: AMD EPYC 7302P 16-Core Processor
stepping\t: 0
cpu MHz\t\t: 2994.375
physical id\t: 0
siblings\t: 2
cpu cores\t: 1
flags\t\t: fpu de

processor\t: 1
vendor_id\t: AuthenticAMD
physical id\t: 1
siblings\t: 2
cpu cores\t: 1
"""


def test_processors() -> None:
    cpu = facts.cpu_info(CPUINFO)

    assert (cpu.cpu_count, cpu.socket_count, cpu.threads_per_core) == (2, 2, 2)
    assert (cpu.vendor, cpu.model_name) == ("AuthenticAMD", "AMD EPYC 7302P 16-Core Processor")
    assert (cpu.family, cpu.model, cpu.stepping, cpu.flags, cpu.speed) == ("23", "49", "0", "fpu de", 2994.375)


def test_an_unreadable_file_is_no_processor() -> None:
    assert facts.cpu_info("").cpu_count == 0


def test_boot_time_and_memory() -> None:
    meminfo = "MemTotal:       4030516 kB\nMemFree:  10 kB\nMemAvailable:    3000000 kB\n"

    assert facts.boot_time("cpu 1 2\nbtime 1795331708\n") == 1795331708
    assert facts.memory_total(meminfo) == 4030516 * 1024
    assert facts.memory_free(meminfo) == 3000000 * 1024


def test_firmware_strings_keep_what_guests_look_for(tmp_path: Path) -> None:
    (tmp_path / "bios_vendor").write_text("SeaBIOS\n")

    found = facts.bios_strings(tmp_path)

    assert found["bios-vendor"] == "SeaBIOS"
    assert found["system-serial-number"] == ""
    assert found["oem-1"] == "Xen"


def test_a_time_zone_is_what_the_link_names(tmp_path: Path) -> None:
    link = tmp_path / "localtime"
    (tmp_path / "zones" / "Europe").mkdir(parents=True)
    (tmp_path / "zones" / "Europe" / "Berlin").write_text("")
    link.symlink_to(tmp_path / "zones" / "Europe" / "Berlin")

    assert facts.timezone(f"{tmp_path}/zones/", link) == "Europe/Berlin"
    assert facts.timezone(f"{tmp_path}/zones/", tmp_path / "absent") == "Etc/UTC"


def test_stamps_are_whole_seconds_with_a_point() -> None:
    assert facts.stamp(1795331708.9) == "1795331708."
