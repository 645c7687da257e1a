using System.Numerics;
using System.Runtime.CompilerServices;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Routines;

/// <summary>Running sums. Lines are shared among the threads; a single long one is not, which changes no bit.</summary>
internal sealed unsafe class CumulativeSumLaunch(CumulativeSum sum, RoutineOperand input, RoutineOperand output) : RoutineLaunch
{
    /// <summary>Elements below which a second thread costs more than it saves.</summary>
    private const long ParallelElements = 100_000;

    private readonly StridedRows _input = new(input, sum.Axis);
    private readonly StridedRows _output = new(output, sum.Axis);

    public override void Run(byte** buffers, int threads)
    {
        if (threads > 1 && _input.Count > 1 && _input.Count * _input.Length > ParallelElements)
        {
            new Lines(this, buffers).Run(_input.Count, threads);
        }
        else
        {
            RunLines(buffers, 0, _input.Count);
        }
    }

    private void RunLines(byte** buffers, long first, long end)
    {
        for (var line = first; line < end; line++)
        {
            var (source, destination) = ((nint)_input[buffers, line], (nint)_output[buffers, line]);
            switch (input.DType)
            {
                case DType.Float32: RunLine<float, double>((byte*)source, (byte*)destination); break;
                case DType.Float64: RunLine<double, double>((byte*)source, (byte*)destination); break;
                default: RunLine<long, long>((byte*)source, (byte*)destination); break;
            }
        }
    }

    private void RunLine<T, TSum>(byte* source, byte* destination)
        where T : unmanaged, INumber<T>
        where TSum : unmanaged, INumber<TSum>
    {
        var before = TSum.Zero;
        for (long start = 0; start < _input.Length; start += CumulativeSum.BlockLength)
        {
            var within = TSum.Zero;
            var end = Math.Min(start + CumulativeSum.BlockLength, _input.Length);
            for (var i = start; i < end; i++)
            {
                within += TSum.CreateTruncating(Unsafe.ReadUnaligned<T>(source + (i * _input.Stride)));
                Unsafe.WriteUnaligned(destination + (i * _output.Stride), T.CreateTruncating(before + within));
            }

            before += within;
        }
    }

    private sealed class Lines(CumulativeSumLaunch launch, byte** buffers) : ParallelRange
    {
        protected override void Run(long first, long end) => launch.RunLines(buffers, first, end);
    }
}
