using Fuser.Kernels.Lowering;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Graphs;

namespace Fuser.Kernels.Tests.Golden;

/// <summary>
/// The spec and IR of a few graphs, so that a change of what is generated is seen in review. <c>FUSER_UPDATE_GOLDEN=1</c> writes them anew.
/// </summary>
public sealed class GoldenTests
{
    [Fact]
    public void A_chain_with_a_number_and_a_broadcast() => Check(
        "relu_scale",
        Programs.Text("x b c a:float", "%1 = aten::mul(%x, %a); %2 = aten::add(%1, %b, %i1); %3 = aten::relu(%2); %4 = aten::mul(%3, %c)", "4"),
        Programs.Range(8, 32), Programs.Range(32), Programs.Range(8, 1), 2.0);

    [Fact]
    public void A_recurrent_cell() => Check("lstm_cell", Corpus.Read("torchscript/lstm_cell/graph.ir"), Programs.Range(8, 64), Programs.Range(8, 64), Programs.Range(8, 16), Programs.Range(64));

    [Fact]
    public void Integers_and_a_choice() => Check(
        "integers_where",
        Programs.Text("x y", "%m = aten::gt(%x, %y); %s = aten::__lshift__(%x, %i2); %d = aten::floor_divide(%s, %y); %w = aten::where(%m, %d, %y); %t = aten::to(%w, %i1, %false, %false, %none)", "m t"),
        NdArray.From(new short[40]), NdArray.From(new int[40]));

    private static void Check(string name, string text, params FuserValue[] inputs)
    {
        var printed = string.Join("\n", Programs.Specialise(text, inputs).Select(specialisation =>
            $"{specialisation.Spec.Text}\n{specialisation.Arguments}\n\n{GroupLowering.Lower(specialisation.Spec, specialisation.Arguments)}"));
        var file = Path.Combine(Repository.Folder, "tests", "Fuser.Kernels.Tests", "Golden", name + ".txt");
        if (Environment.GetEnvironmentVariable("FUSER_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(file, printed);
        }

        // The first line that differs says more than the hundreds that follow from it.
        var (now, before) = (printed.Split('\n'), File.ReadAllText(file).ReplaceLineEndings("\n").Split('\n'));
        var line = Enumerable.Range(0, Math.Max(now.Length, before.Length)).FirstOrDefault(i => now.ElementAtOrDefault(i) != before.ElementAtOrDefault(i), -1);
        (line < 0).ShouldBeTrue($"{name}.txt, line {line + 1}: is '{now.ElementAtOrDefault(line)}', was '{before.ElementAtOrDefault(line)}'. If the change is meant, run the test with FUSER_UPDATE_GOLDEN=1 and commit the file.");
    }
}
