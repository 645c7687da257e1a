using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Properties;
using Fuser.Kernels.Tests.Targets.OpenCl;
using Fuser.OpenClTesting;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Whole graphs on an OpenCL device: views, broadcasts, concatenations, numbers, several kernels, and always the interpreter's bits.</summary>
public sealed class OpenClPlanTests
{
    [OpenClTheory]
    [InlineData(false, false, 0, 20)]
    [InlineData(true, false, 100, 14)]
    [InlineData(false, true, 200, 6)]
    public void Random_graphs_give_the_interpreters_bits(bool likeGpu, bool drawsNumbers, int first, int count)
    {
        for (var seed = first; seed < first + count; seed++)
        {
            var program = RandomProgram.Create(seed, drawsNumbers, large: false);
            var expected = KernelCompiler.Compile(program.Graph, program.Inputs, InterpreterTarget.Instance).Run(program.Inputs, seed: 7);
            Bits.ShouldBeSame(DevicePrograms.Run(OpenClAgreement.Device(likeGpu), program.Graph, program.Inputs), expected, $"seed {seed}\n{program}");
        }
    }

    [OpenClFact]
    public void Outputs_of_any_layout_get_the_same_bits()
    {
        for (var seed = 300; seed < 306; seed++)
        {
            var program = RandomProgram.Create(seed, drawsNumbers: false, large: false);
            var expected = KernelCompiler.Compile(program.Graph, program.Inputs, InterpreterTarget.Instance).Run(program.Inputs, seed: 7);
            var random = new Random(seed);
            NdArray[] outputs = [.. expected.Select(fresh => RandomArrays.Create(random, fresh.DType, RandomArrays.Layout(random, fresh.Shape, mayRepeat: false)))];
            var plan = Partitioner.Plan(Normaliser.Normalise(program.Graph), program.Inputs, FusionMode.Fused);
            Bits.ShouldBeSame(DevicePrograms.RunInto(OpenClOnThisMachine.Device, plan, program.Inputs, outputs), expected, $"seed {seed}\n{program}");
        }
    }

    [OpenClTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_form_of_walk_gives_the_interpreters_bits(bool likeGpu)
    {
        var text = Programs.Text("x y", "%a = aten::mul(%x, %y); %b = aten::add(%a, %x, %i2)", "b");
        foreach (var (x, y) in Walks.All)
        {
            FuserValue[] inputs = [x, y];
            var expected = Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, text, inputs);
            Bits.ShouldBeSame(DevicePrograms.Run(OpenClAgreement.Device(likeGpu), GraphText.Parse(text), inputs), expected, $"{x.Layout} and {y.Layout}");
        }
    }

    [OpenClFact]
    public void A_division_by_zero_is_named_and_the_next_run_works()
    {
        var text = Programs.Text("x y", "%q = aten::floor_divide(%x, %y)", "q");
        var y = NdArray.From(Enumerable.Repeat(2, 1000).ToArray());
        FuserValue[] inputs = [NdArray.From(Enumerable.Repeat(7, 1000).ToArray()), y];
        y.AsSpan<int>()[999] = 0;
        Should.Throw<InputException>(() => DevicePrograms.Run(OpenClOnThisMachine.Device, GraphText.Parse(text), inputs)).Code.ShouldBe(ErrorCodes.InvalidValue);
        y.AsSpan<int>()[999] = -2;
        DevicePrograms.Run(OpenClOnThisMachine.Device, GraphText.Parse(text), inputs)[0].ToArray<int>()[999].ShouldBe(-4);
    }

    [OpenClFact]
    public void An_output_may_be_an_input_and_outputs_that_share_memory_are_refused()
    {
        var text = Programs.Text("x", "%a = aten::add(%x, %i1, %i1); %b = aten::mul(%x, %i2)", "a b");
        var memory = Enumerable.Range(0, 100).Select(i => (float)i).ToArray();
        FuserValue[] inputs = [NdArray.From(memory)];
        var plan = Programs.Plan(text, inputs);
        NdArray Part(float[] array, long offset) => NdArray.From(array.AsMemory(), new TensorLayout([100], [1], offset));
        DevicePrograms.RunInto(OpenClOnThisMachine.Device, plan, inputs, [NdArray.From(memory), NdArray.From(new float[100])])[1].ToArray<float>()[99].ShouldBe(198);
        memory[99].ShouldBe(100);
        var shared = new float[150];
        Should.Throw<InputException>(() => DevicePrograms.RunInto(OpenClOnThisMachine.Device, plan, inputs, [Part(shared, 0), Part(shared, 50)])).Code.ShouldBe(ErrorCodes.OutputMismatch);
    }

    [OpenClFact]
    public void A_driver_does_not_take_divisions_by_zero_from_the_runtime()
    {
        OpenClOnThisMachine.Device.Open();
        var zero = int.Parse("0");
        Should.Throw<DivideByZeroException>(() => 7 / zero);
    }

    [OpenClFact]
    public void This_device_is_exact() => ExactnessProbe.Run(OpenClOnThisMachine.Device, BinaryStore.None).ShouldBeNull();
}
