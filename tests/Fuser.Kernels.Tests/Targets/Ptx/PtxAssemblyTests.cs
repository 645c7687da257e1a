using Fuser.Kernels.Ir;
using Fuser.Kernels.IsaCheck;
using Fuser.Kernels.Lowering;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Targets.Ptx;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Devices.Accelerators;
using Fuser.Kernels.Tests.Operations;

namespace Fuser.Kernels.Tests.Targets.Ptx;

/// <summary>What NVIDIA's assembler says about the text: it takes all of it, fuses nothing, and stays within the registers that full occupancy allows.</summary>
public sealed class PtxAssemblyTests
{
    [PtxasFact]
    public void Random_kernels_of_every_form_assemble()
    {
        LaunchForm[] forms = [LaunchForm.Plain, new(1, true, 1, false), new(2, true, 1, false), new(3, false, 1, false), new(2, false, 1, true), new(1, false, 1, false)];
        var kernels = new List<ElementCode>();
        for (var seed = 0; seed < 90; seed++)
        {
            var ir = RandomKernels.Create(seed, 3 + (seed % 40));
            var form = seed % 3 == 0 ? new LaunchForm(1 + (seed % 2), true, Width(ir), seed % 4 == 0) : forms[seed % forms.Length];
            kernels.Add(PtxPrinter.Print(ir, form));
        }

        PtxAssembler.Assemble(kernels).Count.ShouldBe(90);
    }

    [PtxasFact]
    public void Every_operation_assembles_and_none_fuses_what_it_was_not_asked_to()
    {
        var kernels = new List<ElementCode>();
        foreach (var operation in EagerCases.Operations)
        {
            foreach (var recorded in EagerCases.Of(operation).Where(recorded => recorded.Output is not null && recorded.Arguments.Any(argument => argument is NdArray)).DistinctBy(recorded => ((NdArray)recorded.Arguments.First(argument => argument is NdArray)!).DType).Take(3))
            {
                var ir = MeaningEvaluator.Lower(operation, recorded.Arguments);
                var named = new KernelIr($"k{kernels.Count}_{operation.Split("::")[1]}", ir.Arguments, ir.Nodes, ir.Tables);
                kernels.Add(PtxPrinter.Print(named, new LaunchForm(1, true, Width(ir), false)));
            }
        }

        var assembled = PtxAssembler.Assemble(kernels);
        foreach (var kernel in kernels.Where(kernel => !kernel.Ir.Nodes.Any(IsExpandedWithFusedSteps)))
        {
            var code = assembled[kernel.Entry].Code;
            (code?.Contains("FFMA") is true || code?.Contains("DFMA") is true).ShouldBeFalse(kernel.Text);
        }
    }

    [PtxasFact]
    public void Kernels_of_up_to_thirty_operations_fit_32_registers_and_none_below_two_hundred_spills()
    {
        var kernels = new List<ElementCode> { Of("relu_scale", "x y z", "%a = aten::mul(%x, %y); %b = aten::add(%a, %z, %i1); %c = aten::relu(%b); %d = aten::mul(%c, %y)", 1 << 20) };
        foreach (var length in new[] { 5, 12, 30, 60, 199 })
        {
            // Products and sums in turn: where a compiler would fuse, if it might.
            var steps = Enumerable.Range(0, length).Select(i => i % 2 == 0 ? $"%v{i + 1} = aten::mul(%v{i}, %y)" : $"%v{i + 1} = aten::add(%v{i}, %x, %i1)");
            kernels.Add(Of($"chain{length}", "x y", $"%v0 = aten::relu(%x); {string.Join("; ", steps)}", 1 << 20, $"v{length}"));
        }

        var assembled = PtxAssembler.Assemble(kernels);
        foreach (var kernel in kernels)
        {
            var result = assembled[kernel.Entry];
            result.SpillBytes.ShouldBe(0, kernel.Entry);
            result.Registers.ShouldBeLessThanOrEqualTo(32, kernel.Entry);
            (result.Code?.Contains("FFMA")).ShouldNotBe(true, kernel.Entry);
            (result.Code?.Contains("LDG.E.128")).ShouldNotBe(false, kernel.Entry);
        }
    }

    [PtxasFact]
    public void Kernels_with_reductions_assemble_in_every_form_without_spills_and_fuse_nothing()
    {
        var kernels = new List<DeviceCode>();
        foreach (var (name, body, outputs, dtypes) in RowCases.Operations)
        {
            foreach (var (shape, isTransposed) in new[] { ([40, 20], false), ([40, 200], false), ([2000, 2000], false), ([100_000], false), ([100, 2000], true), (new long[] { 64, 100_000 }, true) })
            {
                var plan = Programs.Plan(RowCases.Text(body, outputs), NdArray.Allocate(dtypes[0], [.. shape]).WithLayout(RowCases.Layout(shape, isTransposed)));
                foreach (var program in Rows(plan, () => $"k{kernels.Count}"))
                {
                    kernels.AddRange(program.Passes.Select(pass => PtxRowPrinter.Print(program, pass)));
                }
            }
        }

        var assembled = PtxAssembler.Assemble(kernels);
        foreach (var kernel in kernels)
        {
            var result = assembled[kernel.Entry];
            result.SpillBytes.ShouldBe(0, kernel.Text);
            if (!kernel.Text.Contains("fma.rn") && !kernel.Text.Contains("div.rn") && !kernel.Text.Contains("sqrt.rn") && !kernel.Text.Contains("rem.") && !kernel.Text.Contains("cvt.rn"))
            {
                (result.Code?.Contains("FFMA") is true || result.Code?.Contains("DFMA") is true).ShouldBeFalse(kernel.Text);
            }
        }

        kernels.Select(kernel => ((RowCode)kernel).Program.Form.Lanes).Distinct().Order().ShouldBe([1, 32, 64, 256]);
        kernels.Select(kernel => ((RowCode)kernel).Program.Width).Distinct().Order().ShouldBe([1, 2, 4]);
        kernels.Any(kernel => ((RowCode)kernel).Program.Form.IsSplit).ShouldBeTrue();
    }

    /// <summary>
    /// A multiprocessor has 65,536 registers: five groups of 256 work items fit in it where each takes at most 48, eight where it takes 32, which most do. Five have two accesses of 16 bytes each under way, 40 KiB in
    /// all, and at times half of them wait at a barrier; what the memory of an H100 delivers while an access takes (3.35 TB/s times 0.7 us over 132 multiprocessors) is 18 KB.
    /// </summary>
    [PtxasFact]
    public void Kernels_that_share_rows_leave_room_for_five_groups_on_a_multiprocessor()
    {
        const int MostRegisters = 48;
        string[] usual = ["sum", "sum of all", "mean", "product", "largest and where", "any and all", "var and mean", "softmax", "log_softmax", "softmax and its sum", "rms"];
        var kernels = new List<DeviceCode>();
        var names = new List<string>();
        foreach (var (name, body, outputs, dtypes) in RowCases.Operations.Where(operation => usual.Contains(operation.Name)))
        {
            foreach (var dtype in dtypes)
            {
                foreach (var shape in new long[][] { [4000, 2000], [4000, 2001], [4_000_000] })
                {
                    foreach (var program in Rows(Programs.Plan(RowCases.Text(body, outputs), NdArray.Allocate(dtype, [.. shape])), () => $"k{kernels.Count}"))
                    {
                        program.Form.Lanes.ShouldBe(256);
                        kernels.AddRange(program.Passes.Select(pass => PtxRowPrinter.Print(program, pass)));
                        names.AddRange(program.Passes.Select((_, pass) => $"{name} of {dtype.DisplayName()} {program.Form}, pass {pass}"));
                    }
                }
            }
        }

        var assembled = PtxAssembler.Assemble(kernels);
        kernels.Select((kernel, i) => (assembled[kernel.Entry].Registers, names[i])).OrderDescending().TakeWhile(used => used.Registers > MostRegisters).ShouldBeEmpty();
        kernels.ShouldAllBe(kernel => assembled[kernel.Entry].SpillBytes == 0);
    }

    private static IEnumerable<RowProgram> Rows(GraphPlan plan, Func<string> name) => plan.Groups.Where(group => group.Domain.HasReductions).Select(group =>
    {
        var specialisation = Specialisation.Of(group, "ptx");
        var rows = StagedLowering.Lower(specialisation.Spec, specialisation.Arguments, keeps: false);
        return RowProgram.Of(rows with { Name = name() }, RowForm.Of(group, specialisation.Rows!, units: 132, DeviceCode.UsualGroupSize));
    });

    private static ElementCode Of(string name, string inputs, string body, int count, string output = "d")
    {
        var arrays = inputs.Split(' ').Select(_ => (FuserValue)NdArray.Allocate(DType.Float32, [count])).ToArray();
        var group = Programs.Plan(Programs.Text(inputs, body, output), arrays).Groups[0];
        var specialisation = Specialisation.Of(group, "ptx");
        var ir = GroupLowering.Lower(specialisation.Spec, specialisation.Arguments);
        return PtxPrinter.Print(new KernelIr(name, ir.Arguments, ir.Nodes, ir.Tables), LaunchForm.Of(group, specialisation.Loops!, useVectors: true));
    }

    /// <summary>The assembler divides and takes roots by Newton steps, which are fused; so are those of the kernel's own.</summary>
    private static bool IsExpandedWithFusedSteps(IrNode node) =>
        node.Op == IrOp.FusedMultiplyAdd || (node.Op is IrOp.Divide or IrOp.SquareRoot or IrOp.Remainder) || node.Op == IrOp.Convert;

    private static int Width(KernelIr ir) => LaunchForm.AccessBytes / ir.Arguments.Where(KernelParameters.IsBuffer).Max(argument => argument.DType.ItemSize());
}
