using System.Globalization;
using Fuser.Kernels.IsaCheck;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;

// Runs random kernels on the interpreter and at every width, and reductions, and prints a digest of the results. The tests start it under
// settings that take instruction sets away from the runtime: the digest must stay the same.
//
// usage: Fuser.Kernels.IsaCheck KERNELS OPERATIONS
var kernels = int.Parse(args[0], CultureInfo.InvariantCulture);
var operations = int.Parse(args[1], CultureInfo.InvariantCulture);
var targets = Enum.GetValues<SimdWidth>().Select(width => new SimdTarget(width)).ToList();
var digest = 14695981039346656037UL;
for (var seed = 0; seed < kernels; seed++)
{
    var ir = RandomKernels.Create(seed, operations);
    using var run = new KernelRun(ir, 37, seed);
    var wanted = run.Outputs(InterpreterTarget.Instance.Compile(ir));
    foreach (var target in targets)
    {
        var kernel = (SimdKernel)target.Compile(ir);
        foreach (var form in new[] { "first", "unrolled" })
        {
            if (Comparison.Difference(ir, wanted, run.Outputs(kernel)) is { } difference)
            {
                Console.Error.WriteLine($"{target.Fingerprint}, seed {seed}, {form} form: {difference}\n{ir}");
                return 1;
            }

            kernel.Unroll();
        }
    }

    var outputs = ir.Arguments.Where(argument => argument.Kind == Fuser.Kernels.Ir.ArgumentKind.Output).ToList();
    for (var i = 0; wanted is not null && i < wanted.Length; i++)
    {
        foreach (var value in Comparison.Canonical(outputs[i].DType, wanted[i]))
        {
            digest = (digest ^ value) * 1099511628211UL;
        }
    }
}

var reduced = new List<byte>();
if (ReductionRun.FindDifference(reduced) is { } fault)
{
    Console.Error.WriteLine(fault);
    return 1;
}

foreach (var value in reduced)
{
    digest = (digest ^ value) * 1099511628211UL;
}

Console.WriteLine($"{SimdTarget.Best.Fingerprint} {digest:x16}");
return 0;
