using Fuser.Kernels.Devices.Accelerators.Routines;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;
using Lookup = Fuser.Kernels.Operations.Lookup;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>Routines of a run: their kernels on the device, and what is done when one of them found an index that is none.</summary>
internal sealed partial class DeviceRun
{
    /// <summary>Finds the code of every routine. One that the driver refuses runs on the host, with the refusal as the reason.</summary>
    private void PrepareRoutines()
    {
        for (var i = 0; i < _hostSteps.Length; i++)
        {
            if (_plan.Routines[i] is not { Launches: > 0 } routine || _hostSteps[i] is not null || _routinePrograms.ContainsKey(i))
            {
                continue;
            }

            try
            {
                _routinePrograms.Add(i, _plan.Accelerator.Routines.Find(routine));
            }
            catch (CompileException error)
            {
                _hostSteps[i] = HostStep.Of((RoutineStep)_plan.Plan.Steps[i], error.Message);
            }
        }
    }

    private void LaunchRoutine(int step)
    {
        var routine = _plan.Routines[step]!;
        if (routine.Launches == 0)
        {
            return;
        }

        var programs = _routinePrograms[step];
        var scratch = routine.ScratchWords > 0 ? Scratch(MemorySizes.Exact(routine.ScratchWords, sizeof(long))) : 0;
        for (var i = 0; i < programs.Length; i++)
        {
            if (routine.Passes[i].Items > 0)
            {
                Start(programs[i], ValuesOf(routine, programs[i].Code.Parameters, scratch), routine.Passes[i].Items);
            }
        }
    }

    private ulong[] ValuesOf(RoutineKernel routine, KernelParameters parameters, nint scratch)
    {
        var values = new ulong[parameters.All.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = parameters.All[i];
            values[i] = parameter.Kind switch
            {
                ParameterKind.Buffer => (ulong)_bound[routine.Operands[parameter.Argument].Buffer].Handle,
                ParameterKind.Offset => (ulong)(_bound[routine.Operands[parameter.Argument].Buffer].FirstElement + routine.Operands[parameter.Argument].Layout.Offset),
                ParameterKind.Setting => (ulong)routine.Settings[parameter.Axis],
                ParameterKind.Scratch => (ulong)scratch,
                _ => (ulong)FaultOf(parameters),
            };
        }

        return values;
    }

    /// <summary>Does everything once more with the lookups on the host: the first that meets a wrong index says which and where.</summary>
    /// <exception cref="InputException">Always.</exception>
    private void ThrowWrongIndex(ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<CompiledKernel> kernels, ReadOnlySpan<long> numbers, long seed)
    {
        for (var i = 0; i < _hostSteps.Length; i++)
        {
            if (_plan.Plan.Steps[i] is RoutineStep { Routine: Lookup } lookup)
            {
                _hostSteps[i] = HostStep.Of(lookup, "one of its indices is none");
            }
        }

        _fault!.Dispose();
        _fault = null;
        Launch(inputs, kernels, numbers, seed);
        throw new InputException(ErrorCodes.InvalidValue, "an index of a lookup was out of range, and another thread has changed it since; check the indices");
    }
}
