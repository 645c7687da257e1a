using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets.Forms;

/// <summary>
/// Writes a kernel in the language of a device. Values are written down once and then named; what changes is a variable. Positions, and all that counts elements, have one
/// type that the kernel's form chooses, are not negative where they are divided, and never overflow; arithmetic on elements rounds once, or wraps.
/// </summary>
internal abstract class KernelWriter(WrittenKernel kernel)
{
    private const int LoadedAhead = 4;

    public WrittenKernel Kernel { get; } = kernel;

    /// <summary>Type of positions.</summary>
    public IrType PositionType => Kernel.IsWide ? IrType.Int64 : IrType.Int32;

    public CodeValue Position(long value) => Constant(PositionType, value);

    public abstract CodeValue Constant(IrType type, long bits);

    /// <summary>A number the kernel is set to.</summary>
    public abstract CodeValue Setting(int number);

    /// <summary>The work item's place in its group, as a position.</summary>
    public abstract CodeValue Lane();

    /// <summary>Goes over items, each of which one work item does by itself.</summary>
    public abstract void ForItems(CodeValue count, Action<CodeValue> body);

    /// <summary>Goes over items that all work items of a group do together: they may wait for each other.</summary>
    public abstract void ForGroups(CodeValue count, Action<CodeValue> body);

    /// <summary>Counts from one position to below another.</summary>
    public abstract void For(CodeValue from, CodeValue to, CodeValue step, Action<CodeValue> body);

    /// <summary>As <see cref="For"/>, over elements that are used in order: several are loaded before the first of them is used, so that their ways from memory overlap.</summary>
    public void ForLoaded<T>(CodeValue from, CodeValue to, int step, Func<CodeValue, T> load, Action<CodeValue, T> use)
    {
        var rest = Variable(from);
        For(from, Minus(to, Position(step * (LoadedAhead - 1L))), Position(step * (long)LoadedAhead), first =>
        {
            CodeValue[] all = [first, .. Enumerable.Range(1, LoadedAhead - 1).Select(i => Plus(first, Position((long)i * step)))];
            var loaded = Array.ConvertAll(all, i => load(i));
            for (var i = 0; i < all.Length; i++)
            {
                use(all[i], loaded[i]);
            }

            Set(rest, Plus(first, Position(step * (long)LoadedAhead)));
        });
        For(rest, to, Position(step), i => use(i, load(i)));
    }

    public abstract void If(CodeValue condition, Action body, Action? otherwise = null);

    public abstract CodeValue Variable(CodeValue initial);

    public abstract void Set(CodeValue variable, CodeValue value);

    // Positions.
    public abstract CodeValue Plus(CodeValue a, CodeValue b);

    public abstract CodeValue Minus(CodeValue a, CodeValue b);

    public abstract CodeValue Times(CodeValue a, CodeValue b);

    /// <summary>a + b * c.</summary>
    public abstract CodeValue PlusTimes(CodeValue a, CodeValue b, CodeValue c);

    public abstract CodeValue Over(CodeValue a, CodeValue b);

    public abstract CodeValue Rest(CodeValue a, CodeValue b);

    public abstract CodeValue Least(CodeValue a, CodeValue b);

    // Elements.
    public abstract CodeValue Add(CodeValue a, CodeValue b);

    public abstract CodeValue Divide(CodeValue a, CodeValue b);

    /// <summary>a * b + c: with one rounding for floats, wrapping for integers.</summary>
    public abstract CodeValue MultiplyAdd(CodeValue a, CodeValue b, CodeValue c);

    /// <summary>Exact, or with one rounding. Never from floats to integers.</summary>
    public abstract CodeValue Convert(CodeValue a, IrType to);

    // Truth.
    public abstract CodeValue IsLess(CodeValue a, CodeValue b);

    public abstract CodeValue IsNaN(CodeValue a);

    public abstract CodeValue And(CodeValue a, CodeValue b);

    public abstract CodeValue Or(CodeValue a, CodeValue b);

    public abstract CodeValue Select(CodeValue condition, CodeValue whenTrue, CodeValue whenFalse);

    // Memory. Positions count elements.
    public abstract CodeValue Load(int operand, CodeValue position);

    public abstract void Store(int operand, CodeValue position, CodeValue value);

    public abstract CodeValue LoadScratch(IrType type, CodeValue word);

    public abstract void StoreScratch(CodeValue word, CodeValue value);

    /// <param name="count">Elements, which start at a multiple of 16 bytes.</param>
    public abstract SharedArray Share(IrType type, int count);

    public abstract CodeValue LoadShared(SharedArray array, CodeValue position, int further = 0);

    /// <summary>16 bytes, that start at a multiple of that.</summary>
    public abstract CodeValue[] LoadSharedWide(SharedArray array, CodeValue position, int further);

    public abstract void StoreShared(SharedArray array, CodeValue position, int further, CodeValue value);

    /// <summary>Waits until all work items of the group are here, and sees what they wrote into shared memory.</summary>
    public abstract void Barrier();

    /// <summary>Says that an index was none, and whether an integer had been divided by zero before.</summary>
    public abstract void ReportIndex();

    public CodeValue Zero(IrType type) => Constant(type, 0);

    /// <summary>What a sum can begin with without changing a bit of what it adds: -0 for floats.</summary>
    public CodeValue NoSum(IrType type) => Constant(type, type switch
    {
        IrType.Float32 => unchecked((int)0x80000000),
        IrType.Float64 => long.MinValue,
        _ => 0,
    });

    public CodeValue Narrow(CodeValue value) => value.Type == PositionType ? value : Convert(value, PositionType);
}
