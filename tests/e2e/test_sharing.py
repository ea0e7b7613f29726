"""Containers that share a network namespace are counted once."""

import pytest
from harness.wait import until
from subjects import PREFIX


@pytest.mark.any_host
def test_a_shared_namespace_has_one_owner(world):
    names = [PREFIX + "netowner", PREFIX + "netguest"]
    try:
        world.engine.docker("run", "-d", "--name", names[0], "bn-load:1", "load", "hold")
        world.engine.docker("run", "-d", "--name", names[1], "--network", f"container:{names[0]}", "bn-load:1", "load", "hold")

        def shared():
            scrape = world.scrape(fresh=True)
            marks = [scrape.get("bottleneck_container_network_shared", name=name) for name in names]
            traffic = [scrape.find("bottleneck_container_network_receive_bytes_total", name=name) for name in names]
            # The one that is marked has no counters: they would be counted twice in a sum.
            return (marks, [len(found) for found in traffic]) in (([0, 1], [1, 0]), ([1, 0], [0, 1]))

        until("one of them to be the owner, and it alone to have counters", 30, shared)
    finally:
        world.engine.docker("rm", "-f", *names, check=False)
