using Fuser.Kernels.Devices.Routines.Products;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Routines;

/// <summary>
/// Takes elements where indices say, a run along the innermost axis at a time. Every index is read once and compared before it is used, so one that another thread writes
/// meanwhile cannot lead outside the operand.
/// </summary>
internal sealed unsafe class LookupLaunch : RoutineLaunch
{
    /// <summary>Elements below which a second thread costs more than it saves.</summary>
    private const long ParallelElements = 50_000;

    /// <summary>Elements of a run at most, so that one long axis is shared among threads too.</summary>
    private const long RunLength = 8192;

    private readonly Lookup _lookup;
    private readonly RoutineOperand _source;
    private readonly RoutineOperand _index;
    private readonly RoutineOperand _result;
    private readonly ProductAxis[] _outer;
    private readonly ProductAxis _inner;
    private readonly long _limit;
    private readonly long _step;
    private readonly long _runs;

    public LookupLaunch(Lookup lookup, RoutineOperand source, RoutineOperand index, RoutineOperand result)
    {
        (_lookup, _source, _index, _result) = (lookup, source, index, result);
        var (s, x, d) = (source.Layout, index.Layout, result.Layout);
        var axes = ProductAxis.Merge(Enumerable.Range(0, d.Rank).Select(axis => new ProductAxis(d.Sizes[axis], s.Strides[axis + 1], x.Strides[axis], d.Strides[axis])));
        (_outer, _inner) = axes.Length == 0 ? ([], new ProductAxis(1, 0, 0, 0)) : (axes[..^1], axes[^1]);
        (_limit, _step) = (s.Sizes[0], s.Strides[0]);
        _runs = (_inner.Size + RunLength - 1) / RunLength;
    }

    public override void Run(byte** buffers, int threads)
    {
        var units = new Units(this, buffers);
        var count = ProductAxis.Count(_outer) * _runs;
        if (threads > 1 && _result.Layout.ElementCount > ParallelElements)
        {
            units.Run(count, threads);
        }
        else
        {
            units.RunAlone(count);
        }
    }

    private void RunUnits(byte** buffers, long first, long end)
    {
        for (var unit = first; unit < end; unit++)
        {
            var (row, run) = Math.DivRem(unit, _runs);
            var start = run * RunLength;
            var count = Math.Min(RunLength, _inner.Size - start);
            long source, index, result;
            ProductOffsets.Fill(_outer, row, 1, &source, &index, &result);
            var from = Pointer(buffers, _source, source + (start * _inner.Left));
            var where = (long*)Pointer(buffers, _index, index + (start * _inner.Right));
            var to = Pointer(buffers, _result, result + (start * _inner.Result));
            var position = (row * _inner.Size) + start;
            switch (_result.DType.ItemSize())
            {
                case 1: Take(from, where, to, count, position); break;
                case 2: Take((short*)from, where, (short*)to, count, position); break;
                case 4: Take((int*)from, where, (int*)to, count, position); break;
                default: Take((long*)from, where, (long*)to, count, position); break;
            }
        }
    }

    private static byte* Pointer(byte** buffers, RoutineOperand operand, long offset) => buffers[operand.Buffer] + ((operand.Layout.Offset + offset) * operand.DType.ItemSize());

    private void Take<T>(T* source, long* index, T* result, long count, long position)
        where T : unmanaged
    {
        if (_inner.Right != 0)
        {
            for (long i = 0; i < count; i++)
            {
                result[i * _inner.Result] = source[(i * _inner.Left) + (Place(index[i * _inner.Right], position + i) * _step)];
            }

            return;
        }

        var from = source + (Place(*index, position) * _step);
        if (_inner is { Left: 1, Result: 1 })
        {
            Buffer.MemoryCopy(from, result, count * sizeof(T), count * sizeof(T));
            return;
        }

        for (long i = 0; i < count; i++)
        {
            result[i * _inner.Result] = from[i * _inner.Left];
        }
    }

    /// <summary>The index, once it is known to be one.</summary>
    private long Place(long index, long position)
    {
        var place = _lookup.FromEnd && index < 0 ? index + _limit : index;
        return (ulong)place < (ulong)_limit ? place : throw Wrong(index, position);
    }

    private InputException Wrong(long index, long position)
    {
        var sizes = _result.Layout.Sizes;
        var at = new long[sizes.Length];
        for (var axis = sizes.Length - 1; axis >= 0; axis--)
        {
            (position, at[axis]) = Math.DivRem(position, sizes[axis]);
        }

        var wanted = _limit == 0 ? "nothing, because the axis has no elements" : $"{(_lookup.FromEnd ? -_limit : 0)} to {_limit - 1}";
        return new InputException(ErrorCodes.InvalidValue, $"{_lookup.Kind} got the index {index}, for element {Shapes.Text(at)} of its result, on an axis of size {_limit}; wanted {wanted}");
    }

    private sealed class Units(LookupLaunch launch, byte** buffers) : ParallelRange
    {
        public void RunAlone(long count) => Run(0, count);

        protected override void Run(long first, long end) => launch.RunUnits(buffers, first, end);
    }
}
