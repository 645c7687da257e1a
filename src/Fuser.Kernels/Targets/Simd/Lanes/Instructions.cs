using System.Collections.Concurrent;
using System.Reflection;

namespace Fuser.Kernels.Targets.Simd.Lanes;

/// <summary>
/// Finds the method that does something to vectors of one width by its name: in the width's own class of ours, then in the
/// runtime's, then among the loops over lanes. Looked up once per process, because reflection is slower than compiling a kernel.
/// </summary>
internal sealed class Instructions
{
    private const BindingFlags Statics = BindingFlags.Static | BindingFlags.Public;

    private readonly ConcurrentDictionary<(string Name, Type Operand, int Arity), MethodInfo> _found = new();
    private readonly Type[] _holders;
    private readonly Func<Lane, Type> _valueType;

    public Instructions(Func<Lane, Type> valueType, params Type[] holders)
    {
        _valueType = valueType;
        _holders = holders;
    }

    /// <summary>An operation on values of a lane type.</summary>
    public MethodInfo Find(string name, Lane lane, int arity) => Find(name, lane, _valueType(lane), arity);

    /// <summary>An operation whose operand is something else, a plain number or an address.</summary>
    public MethodInfo Find(string name, Lane lane, Type operand, int arity)
    {
        var key = (name, operand, arity);
        return _found.TryGetValue(key, out var method) ? method : _found.GetOrAdd(key, Search(name, lane, operand, arity));
    }

    private MethodInfo Search(string name, Lane lane, Type operand, int arity)
    {
        foreach (var holder in _holders)
        {
            MethodInfo? best = null;
            var bestMatches = 0;
            foreach (var member in holder.GetMember(name, MemberTypes.Method, Statics))
            {
                var method = (MethodInfo)member;
                if (method.GetParameters().Length != arity)
                {
                    continue;
                }

                method = Close(method, lane);
                var matches = method.GetParameters().Count(parameter => parameter.ParameterType == operand);
                if (matches > bestMatches)
                {
                    (best, bestMatches) = (method, matches);
                }
            }

            if (best is not null)
            {
                return best;
            }
        }

        throw new InternalFuserException(ErrorCodes.Internal, $"no instruction {name} takes {arity} operands of {operand}");
    }

    private MethodInfo Close(MethodInfo method, Lane lane) =>
        !method.IsGenericMethodDefinition ? method
        : method.GetGenericArguments().Length == 1 ? method.MakeGenericMethod(lane.ClrType())
        : method.MakeGenericMethod(_valueType(lane), lane.ClrType());
}
