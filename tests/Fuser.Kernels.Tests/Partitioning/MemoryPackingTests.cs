using Fuser.Kernels.Partitioning;

namespace Fuser.Kernels.Tests.Partitioning;

public sealed class MemoryPackingTests
{
    private delegate long Packing(List<PackedBuffer> buffers, Span<long> offsets);

    [Fact]
    public void A_small_buffer_that_outlives_its_neighbours_does_not_split_the_block()
    {
        // Steps 0 to 3 grow: whoever places them in order has the small one in the way of the largest.
        List<PackedBuffer> buffers = [new(0, 640, 0, 1), new(1, 64, 1, 4), new(2, 640, 2, 3), new(3, 704, 4, 5)];
        MemoryPacking.PlaceLargestFirst(buffers, new long[4]).ShouldBe(768);
    }

    [Fact]
    public void The_smallest_gap_that_is_large_enough_is_taken()
    {
        // By size: 0 and 1 at the ends of their time leave gaps of 192 and 128 under the long-lived 2.
        List<PackedBuffer> buffers = [new(0, 1024, 0, 9), new(1, 512, 0, 1), new(2, 320, 0, 9), new(3, 192, 0, 1), new(4, 128, 5, 6)];
        var offsets = new long[5];
        MemoryPacking.PlaceLargestFirst(buffers, offsets).ShouldBe(1024 + 512 + 320 + 192);
        offsets.ShouldBe([0, 1024, 1536, 1856, 1024]);
    }

    [Fact]
    public void Either_way_keeps_apart_what_lives_together()
    {
        foreach (var packing in new Packing[] { MemoryPacking.PlaceLargestFirst, MemoryPacking.PlaceInOrder })
        {
            var random = new Random(11);
            for (var round = 0; round < 200; round++)
            {
                var buffers = Enumerable.Range(0, 1 + random.Next(40)).Select(i =>
                {
                    var first = random.Next(30);
                    return new PackedBuffer(i, 64L * random.Next(20), first, first + random.Next(random.Next(2) == 0 ? 3 : 30));
                }).ToList();
                var offsets = new long[buffers.Count];
                var size = packing(buffers, offsets);
                size.ShouldBeLessThanOrEqualTo(buffers.Sum(buffer => buffer.Bytes));
                foreach (var a in buffers)
                {
                    (offsets[a.Buffer] + a.Bytes).ShouldBeLessThanOrEqualTo(size);
                    foreach (var b in buffers.Where(b => b.Buffer > a.Buffer && b.LivesWith(a)))
                    {
                        (offsets[a.Buffer] + a.Bytes <= offsets[b.Buffer] || offsets[b.Buffer] + b.Bytes <= offsets[a.Buffer] || a.Bytes == 0 || b.Bytes == 0).ShouldBeTrue($"{a} and {b}");
                    }
                }
            }
        }
    }

    [Fact]
    public void A_chain_too_long_to_compare_every_two_needs_two_places()
    {
        var chain = Enumerable.Range(0, 200_000).Select(i => new PackedBuffer(i, 64, i, i + 1)).ToList();
        MemoryPacking.Place(chain, new long[chain.Count]).ShouldBe(128);
    }

    [Fact]
    public void Sizes_without_end_give_a_size_that_is_refused()
    {
        List<PackedBuffer> buffers = [new(0, long.MaxValue, 0, 1), new(1, long.MaxValue, 1, 2), new(2, 64, 0, 2)];
        MemoryPacking.PlaceLargestFirst(buffers, new long[3]).ShouldBe(long.MaxValue);
        MemoryPacking.PlaceInOrder(buffers, new long[3]).ShouldBe(long.MaxValue);
    }
}
