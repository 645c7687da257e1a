using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using System.Text;

namespace Fuser.Kernels.Targets.Simd.Emission;

/// <summary>
/// Writes IL, and when asked to, what was written as text: a listing is made by emitting the kernel a second time into a
/// method that is thrown away, so that no kernel keeps a long string.
/// </summary>
internal sealed class IlWriter
{
    private readonly ILGenerator _il;
    private readonly StringBuilder? _listing;

    public IlWriter(ILGenerator il, StringBuilder? listing)
    {
        _il = il;
        _listing = listing;
    }

    /// <summary>Bytes of IL so far.</summary>
    public int Length => _il.ILOffset;

    public bool IsListing => _listing is not null;

    /// <summary>Starts a line of the listing; the instructions that follow are appended to it.</summary>
    public void Comment(string text) => _listing?.Append('\n').Append(text);

    public LocalBuilder Declare(Type type) => _il.DeclareLocal(type);

    public Label DefineLabel() => _il.DefineLabel();

    public void Mark(Label label)
    {
        _il.MarkLabel(label);
        _listing?.Append('\n').Append('L').Append(label.Id).Append(':');
    }

    public void Branch(OpCode branch, Label target)
    {
        _il.Emit(branch, target);
        _listing?.Append("; ").Append(branch.Name).Append(" L").Append(target.Id);
    }

    public void Emit(OpCode code)
    {
        _il.Emit(code);
        _listing?.Append("; ").Append(code.Name);
    }

    /// <summary>The next access may be at any address.</summary>
    public void Unaligned()
    {
        _il.Emit(OpCodes.Unaligned, (byte)1);
        _listing?.Append("; unaligned.");
    }

    public void Emit(OpCode code, Type type)
    {
        _il.Emit(code, type);
        _listing?.Append("; ").Append(code.Name).Append(' ').Append(TypeName(type));
    }

    public void Call(MethodInfo method)
    {
        _il.Emit(OpCodes.Call, method);
        _listing?.Append("; ").Append(method.DeclaringType!.Name).Append('.').Append(method.Name).Append(Arguments(method));
    }

    public void Load(LocalBuilder local)
    {
        _il.Emit(OpCodes.Ldloc, local);
        _listing?.Append("; v").Append(local.LocalIndex);
    }

    public void Store(LocalBuilder local)
    {
        _il.Emit(OpCodes.Stloc, local);
        _listing?.Append("; -> v").Append(local.LocalIndex);
    }

    public void LoadArgument(short index)
    {
        _il.Emit(OpCodes.Ldarg, index);
        _listing?.Append("; arg").Append(index);
    }

    public void Integer(int value)
    {
        _il.Emit(OpCodes.Ldc_I4, value);
        _listing?.Append("; ").Append(value);
    }

    public void Integer(long value)
    {
        _il.Emit(OpCodes.Ldc_I8, value);
        _listing?.Append("; 0x").Append(value.ToString("x", CultureInfo.InvariantCulture));
    }

    public void Float(float value)
    {
        _il.Emit(OpCodes.Ldc_R4, value);
        _listing?.Append("; ").Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('f');
    }

    public void Float(double value)
    {
        _il.Emit(OpCodes.Ldc_R8, value);
        _listing?.Append("; ").Append(value.ToString("R", CultureInfo.InvariantCulture));
    }

    private static string Arguments(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(TypeName))}>" : "";

    private static string TypeName(Type type) =>
        type.IsGenericType ? $"{type.Name.AsSpan(0, type.Name.IndexOf('`', StringComparison.Ordinal))}<{TypeName(type.GetGenericArguments()[0])}>" : type.Name;
}
