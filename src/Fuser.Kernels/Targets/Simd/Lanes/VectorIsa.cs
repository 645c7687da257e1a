using System.Reflection;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fuser.Kernels.Targets.Simd.Emission;

namespace Fuser.Kernels.Targets.Simd.Lanes;

/// <summary>Values are vectors of 128, 256 or 512 bits.</summary>
internal sealed class VectorIsa : LaneIsa
{
    private static readonly Lane[] s_lanes = [Lane.Int32, Lane.Int64, Lane.Float32, Lane.Float64];

    private readonly Type[] _valueTypes;
    private readonly MethodInfo?[] _reinterpretations = new MethodInfo?[16];
    private readonly Instructions _instructions;
    private readonly MethodInfo _as;

    public VectorIsa(SimdWidth width)
    {
        Width = width;
        var (vector, vectors, own) = width switch
        {
            SimdWidth.V128 => (typeof(Vector128<>), typeof(Vector128), typeof(Lanes128)),
            SimdWidth.V256 => (typeof(Vector256<>), typeof(Vector256), typeof(Lanes256)),
            _ => (typeof(Vector512<>), typeof(Vector512), typeof(Lanes512)),
        };
        _valueTypes = [.. s_lanes.Select(lane => vector.MakeGenericType(lane.ClrType()))];
        _instructions = new Instructions(ValueType, own, vectors, typeof(PerLane));
        _as = (MethodInfo)vectors.GetMember("As", MemberTypes.Method, BindingFlags.Static | BindingFlags.Public).Single();
    }

    public override SimdWidth Width { get; }

    public override int Registers => Avx512F.VL.IsSupported || !X86Base.IsSupported ? 32 : 16;

    /// <summary>True of x86 only: elsewhere the native minimum returns NaN when either operand is.</summary>
    public override bool HasSelectingMinMax => X86Base.IsSupported && SimdWidths.IsAccelerated(Width);

    public override int Count(Lane lane) => Width.Bits() / 8 / lane.Size();

    public override Type ValueType(Lane lane) => _valueTypes[(int)lane];

    public override Lane MaskLane(Lane compared) => compared.Integer();

    public override void Operation(IlWriter il, string name, Lane lane, int arity) => il.Call(_instructions.Find(name, lane, arity));

    public override void Special(IlWriter il, string name, Type operand, int arity) => il.Call(_instructions.Find(name, Lane.Int32, operand, arity));

    public override void Compare(IlWriter il, string name, Lane lane)
    {
        Operation(il, name, lane, 2);
        Reinterpret(il, lane, MaskLane(lane));
    }

    public override void MaskForSelect(IlWriter il, Lane lane) => Reinterpret(il, MaskLane(lane), lane);

    public override void Broadcast(IlWriter il, Lane lane) => il.Call(_instructions.Find("Create", lane, lane.ClrType(), 1));

    public override void Reinterpret(IlWriter il, Lane from, Lane to)
    {
        if (from != to)
        {
            il.Call(_reinterpretations[((int)from * 4) + (int)to] ??= _as.MakeGenericMethod(from.ClrType(), to.ClrType()));
        }
    }

    public override void Convert(IlWriter il, Lane from, Lane to, int part, Action<int> push)
    {
        var half = part == 0 ? "Lower" : "Upper";
        switch (from, to)
        {
            case (Lane.Int32, Lane.Float32):
                Same("ConvertToSingle");
                break;
            case (Lane.Float32, Lane.Int32):
                Same("ConvertToInt32");
                break;
            case (Lane.Int64, Lane.Float64):
                Same("ConvertToDouble");
                break;
            case (Lane.Float64, Lane.Int64):
                Same("ConvertToInt64");
                break;
            case (Lane.Int32, Lane.Int64) or (Lane.Float32, Lane.Float64):
                Widen("Widen" + half);
                break;
            case (Lane.Int64, Lane.Int32) or (Lane.Float64, Lane.Float32):
                Narrow("Narrow");
                break;
            case (Lane.Int32, Lane.Float64):
                Widen("Int32ToFloat64" + half);
                break;
            case (Lane.Float32, Lane.Int64):
                Widen("Widen" + half);
                Operation(il, "ConvertToInt64", Lane.Float64, 1);
                break;
            case (Lane.Float64, Lane.Int32):
                Narrow("Float64ToInt32");
                break;
            default:
                Narrow("Int64ToFloat32");
                break;
        }

        void Same(string name)
        {
            push(part);
            Operation(il, name, from, 1);
        }

        void Widen(string name)
        {
            push(0);
            Operation(il, name, from, 1);
        }

        void Narrow(string name)
        {
            push(0);
            push(1);
            Operation(il, name, from, 2);
        }
    }
}
