#if canImport(SwiftUI)
import SwiftUI
import UniformTypeIdentifiers

@main
struct SampleApp: App {
    var body: some Scene {
        WindowGroup { TunnelView() }
    }
}

/// One button, one line, and a way to open a profile.
struct TunnelView: View {
    @State private var model = TunnelModel()
    @State private var generation = 0
    @State private var isImporting = false

    var body: some View {
        VStack(spacing: 24) {
            Text(model.status.rawValue.capitalized).font(.largeTitle)
            Button(model.status.canStop ? "Stop" : "Start") { model.toggle() }
                .disabled(!model.status.canStop && !model.status.canStart)
            Button("Open a profile") { isImporting = true }
            Text(model.message).font(.footnote)
        }
        .id(generation)
        .padding()
        .task {
            model.changed = { generation += 1 }
            await model.load()
        }
        .fileImporter(isPresented: $isImporting, allowedContentTypes: [.data]) { result in
            guard case .success(let url) = result, url.startAccessingSecurityScopedResource() else { return }
            defer { url.stopAccessingSecurityScopedResource() }
            guard let profile = try? Data(contentsOf: url) else { return }
            Task { await model.open(profile: profile) }
        }
    }
}
#endif
