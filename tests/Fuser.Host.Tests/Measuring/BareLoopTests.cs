using Fuser.Host.Measuring;

namespace Fuser.Host.Tests.Measuring;

/// <summary>The loop that sets the limit must really move every byte, or the limit is too high.</summary>
public sealed unsafe class BareLoopTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Every_byte_of_every_read_reaches_every_write_and_no_other_byte_changes(bool wide, bool nonTemporal)
    {
        const int Room = 2048;
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            var (reads, writes) = (random.Next(0, 4), random.Next(0, 3));
            var arrays = Enumerable.Range(0, reads + writes).Select(_ => GC.AllocateArray<byte>(Room, pinned: true)).ToArray();
            var addresses = new nint[arrays.Length];
            for (var k = 0; k < arrays.Length; k++)
            {
                random.NextBytes(arrays[k]);
                fixed (byte* first = arrays[k])
                {
                    addresses[k] = (nint)first;
                }
            }

            var start = random.Next(0, 200);
            var end = start + random.Next(0, Room - start);
            var expected = arrays.Select(a => a.ToArray()).ToArray();
            for (var i = start; i < end; i++)
            {
                byte value = 0;
                for (var k = 0; k < reads; k++)
                {
                    value ^= expected[k][i];
                }

                for (var k = reads; k < arrays.Length; k++)
                {
                    expected[k][i] = value;
                }
            }

            BareLoop.Run(addresses.AsSpan(0, reads), addresses.AsSpan(reads), start, end, wide, nonTemporal);
            for (var k = 0; k < arrays.Length; k++)
            {
                arrays[k].ShouldBe(expected[k], $"round {round}, array {k}, bytes {start} to {end}");
            }
        }
    }
}
