using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Devices.OpenCl;
using Fuser.Kernels.Tensors;
using Fuser.OpenClTesting;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>A real OpenCL driver through the actors.</summary>
public sealed class OpenClTests
{
    private static readonly RunOptions OnOpenCl = new() { Device = "opencl" };

    [OpenClFact]
    public async Task Random_graphs_give_the_same_bits_as_everywhere_else_and_are_compiled_once_for_all_processes()
    {
        var folder = Directory.CreateTempSubdirectory("fuser-store-").FullName;
        try
        {
            var first = await RunAll(folder);
            var files = Directory.GetFiles(folder).Order().ToArray();
            files.Length.ShouldBeGreaterThan(8);
            var written = files.Select(File.GetLastWriteTimeUtc).ToArray();
            (await RunAll(folder)).ShouldBe(first);
            Directory.GetFiles(folder).Order().ShouldBe(files);
            files.Select(File.GetLastWriteTimeUtc).ShouldBe(written);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static async Task<List<string>> RunAll(string folder)
        {
            await using var fuser = new FuserSystem(Systems.Options(options => options.CacheDirectory = folder));
            var results = new List<string>();
            for (var seed = 100; seed < 108; seed++)
            {
                var random = new Random(seed);
                var computation = new RandomComputation(random);
                var function = await fuser.RegisterAsync(computation.Graph);
                var inputs = computation.Inputs(random);
                results.Add(RandomComputation.Bits(await function.RunAsync(inputs, OnOpenCl)));
                results[^1].ShouldBe(RandomComputation.Bits(await function.RunAsync(inputs)), $"seed {seed}\n{computation.Graph}");
            }

            return results;
        }
    }

    [OpenClFact]
    public async Task Results_stay_on_the_device_and_runs_may_write_into_the_callers_memory()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        using var kept = (await function.RunOnDeviceAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), OnOpenCl).Guard())[0];
        var wanted = Graphs.Scaled(1, Graphs.Data);
        (await kept.CopyToHostAsync()).ToArray<float>().ShouldBe(wanted);
        var room = Graphs.Room();
        await function.RunAsync(new FuserValue[] { kept }, room).Guard();
        room[0].ToArray<float>().ShouldBe(Graphs.Scaled(1, wanted));
    }

    [OpenClFact]
    public async Task An_explanation_says_that_a_processor_leaves_products_to_the_host_and_keeps_other_routines()
    {
        const string Text = """
            graph(%w : Tensor, %i : Tensor, %v : Tensor):
              %m : int = prim::Constant[value=-1]()
              %f : bool = prim::Constant[value=0]()
              %e : Tensor = aten::embedding(%w, %i, %m, %f, %f)
              %p : Tensor = aten::matmul(%e, %v)
              %r : Tensor = aten::relu(%p)
              return (%r)
            """;
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Kernels.Graphs.Text.GraphText.Parse(Text));
        FuserValue[] inputs = [NdArray.Allocate(DType.Float32, [30, 20]), NdArray.From(new long[40]), NdArray.Allocate(DType.Float32, [20, 8])];
        var explanation = await function.ExplainAsync(inputs, OnOpenCl).Guard();
        StepPlacement[] placements = [.. explanation.Plans.ShouldHaveSingleItem().Fused.Steps.Select(step => step.Placement.ShouldNotBeNull())];
        placements.Select(placement => placement.RunsOnDevice).ShouldBe([true, false, true]);
        placements[0].Description.ShouldBe("form lookup2x4: a work item for every element");
        placements[1].Description.ShouldStartWith("aten::matmul runs on the same processor either way");
        (placements[1].BytesToHost, placements[1].BytesToDevice).ShouldBe((0, 0), "the host works where the device does");
    }

    [OpenClFact]
    public async Task Damaged_images_on_disk_are_compiled_again_with_a_warning()
    {
        var folder = Directory.CreateTempSubdirectory("fuser-store-").FullName;
        try
        {
            var warnings = new List<string>();
            var api = new OpenClNative();
            for (var round = 0; round < 2; round++)
            {
                var device = OpenClOnThisMachine.DeviceWith(new BinaryStore(folder, warnings.Add), api);
                await using var fuser = new FuserSystem(Systems.Options(options => options.AllowInexact = true), accelerators: _ => new AcceleratorCatalogue([device], []));
                await fuser.RunScaled(1, OnOpenCl);
                foreach (var file in Directory.GetFiles(folder))
                {
                    var bytes = await File.ReadAllBytesAsync(file);
                    bytes[^1] ^= 1;
                    await File.WriteAllBytesAsync(file, bytes);
                }
            }

            warnings.ShouldContain(warning => warning.Contains("is damaged"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
