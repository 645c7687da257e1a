using System.Numerics;

namespace Fuser.Actors.Core;

/// <summary>
/// Places in an array of 8-byte values, one for each processor up to a number, so far apart that processors do not take lines from each other. The first place is as far from the array's length,
/// which every access reads: beside a value that one processor keeps changing, the others would wait for it.
/// </summary>
internal readonly struct ProcessorStripes(int most)
{
    /// <summary>Values from one place to the next: two cache lines, for processors fetch lines in pairs.</summary>
    private const int Distance = 16;

    private readonly int _mask = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(Environment.ProcessorCount, 1, most)) - 1;

    /// <summary>Values an array needs to have the places, and what keeps its neighbours away.</summary>
    public int ArrayLength => (_mask + 3) * Distance;

    /// <summary>The place of the processor this thread is on, for as long as it stays there.</summary>
    public int Current => ((Thread.GetCurrentProcessorId() & _mask) + 1) * Distance;

    /// <summary>What all places hold together, each read once.</summary>
    /// <param name="beside">Values behind each place.</param>
    public long Sum(long[] values, int beside = 0)
    {
        long sum = 0;
        for (var i = Distance; i < ArrayLength - Distance; i += Distance)
        {
            sum += Volatile.Read(ref values[i + beside]);
        }

        return sum;
    }
}
